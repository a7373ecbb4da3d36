"""The statement of use: what the model is fit for and not fit for, and boxes that only people can fill."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.assurance.chapter import Chapter, Check, State, tabulate_checks
from simulator.assurance.closing import list_gaps
from simulator.calibration.identifiability import NARROWED, SHIFTED
from simulator.reports.blocks import Heading, Paragraph, Points, Table
from simulator.reports.limits import LIMITS
from simulator.reports.provenance import NOT_ASSURED, count_badges

FIT = (
    "Comparing policies for health inequalities money with each other, under the same chance and the same "
    "unknown numbers.",
    "Seeing what a choice between policies rests on, and which evidence would change it.",
    "Asking what would have to be true for a policy to do more than another.",
    "Teaching and rehearsing how money in a budget is protected or lost.",
)
UNFIT = (
    "Judging, ranking or forecasting a named board.",
    "Stating how much money a board or England will keep in a year, as a forecast.",
    "Claims about health outcomes, or about what the care that other money buys is worth.",
    "The cost of a policy, or its value for money.",
    "Policies that its levers do not describe; a scenario that the levers describe in part says what is missing.",
)
ROLES = (
    ("Commissioner", "says what the question is, what the answer is for, and how much assurance is proportionate"),
    ("Analyst", "builds or runs the analysis, and says what was done"),
    ("Assurer", "did not build the model; checks this pack against the model and says what is left"),
    ("Approver", "decides whether the answer may be used for its purpose"),
)
OPEN, TITLE = "(open)", "Statement of use"


def write_statement(chapters: Sequence[Chapter]) -> Chapter:
    """The chapter; `chapters` are all others, whose gaps stand in it."""
    rests = count_badges()
    signed = Check("Has an assurer who did not build the model signed?", State.GAP, NOT_ASSURED)
    found = list_gaps((*chapters, Chapter(TITLE, (), (), (signed,))))
    gaps = [(gap.chapter, gap.question, gap.says, gap.closes) for gap in found]
    blocks = (
        Paragraph(NOT_ASSURED, "strong"),
        Paragraph(
            "That line stands in briefings, workbooks, pictures to share, citations, the explorer and the site. "
            "Nothing that the program can do takes it away: whoever has the work assured fills in the boxes below, and "
            "changes that line where the program declares it."
        ),
        Heading("Fit for", 2),
        Points(FIT),
        Heading("Not fit for", 2),
        Points(UNFIT),
        Heading("Limits", 2),
        Points(
            (
                f"Of {sum(rests.values())} uncertain numbers, published findings pin down {rests['fitted']} (their "
                f"spread falls below {NARROWED:g} of the prior's, or their mean moves by more than {SHIFTED:g} of it); "
                f"{rests['from published figures']} are taken from published figures and "
                f"{rests['judgement']} are judgement.",
                *LIMITS,
            )
        ),
        Heading("Gaps in this pack", 2),
        Paragraph("Gaps that one step would close stand in one line."),
        Table(("Chapter", "Asked", "Found", "What would close it"), tuple(gaps), (18, 30, 56, 36)),
        Heading("Roles and signatures", 2),
        tabulate_checks((signed,)),
        Table(
            ("Role", "What it answers for", "Name", "Organisation", "Date", "Signature"),
            tuple((role, does, OPEN, OPEN, OPEN, OPEN) for role, does in ROLES),
            (16, 44, 14, 16, 10, 14),
        ),
    )
    return Chapter(TITLE, blocks, (), (signed,))
