"""The model described for others to rebuild: ODD with rationale, TRACE, STRESS-ABS, and the log of decisions."""

from __future__ import annotations

import ast
import os
import platform
import re
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from simulator.agents import model
from simulator.agents.model import STAGES
from simulator.assurance.chapter import Chapter, Check, State, judge, tabulate_checks, tabulate_sheet
from simulator.assurance.documents import find_document, read_blocks, read_document
from simulator.assurance.stage_diagram import draw_stages
from simulator.boards.table import read_boards
from simulator.declarations.calendar import YEARS, year_name
from simulator.declarations.draw_ids import Event
from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Role
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import simulate
from simulator.engine.kernel_sources import source_hash
from simulator.reports.blocks import Block, Heading, Paragraph, Picture, Table
from simulator.reports.excel_file import Column, Sheet
from simulator.runs.futures import draw_futures
from simulator.runs.manifest import find_version
from simulator.scenarios.library import library
from simulator.scenarios.scenario import load_scenario

ABSENT = "docs/{} is neither in this installation nor beside it; the source folder has it."
LIBRARIES = ("mesa", "numpy", "numba", "scipy")
TIMED_FUTURES = 1_000
ELEMENTS = 8
"""Of TRACE."""
ODD = (
    "Purpose and patterns",
    "Entities, state variables and scales",
    "Process overview and scheduling",
    "Design concepts",
    "Initialisation",
    "Input data",
    "Submodels",
)
QUESTIONS = "Questions of ODD+D"
NOT_HELD_AGAINST = (
    "Not item by item. The published list for agent-based models is a supplement to the paper and was not at hand. "
    "Sections, numbers and headings were held against the list for discrete-event models, which shares them; the four "
    "items under 2.5 (environment, agents, interaction, entry and exit) were held against no text. Whoever has the "
    "supplement should hold this table against it."
)


def write_decisions() -> Chapter:
    """Every decision, with its context in short, from `docs/decisions`."""
    folder = find_document("decisions")
    pages = sorted(folder.glob("[0-9]*.md")) if folder else []
    asked = "Are decisions written down, each with its reasons?"
    if not pages:
        check = Check(asked, State.GAP, ABSENT.format("decisions"))
        return Chapter("Decisions log", (tabulate_checks([check]),), (), (check,))
    read = {page: page.read_text(encoding="utf-8") for page in pages}
    bare = [page.name for page, text in read.items() if not all(_summarise(text)[1:])]
    check = judge(
        asked,
        not bare,
        f"{len(pages)} decisions have context and choice.",
        f"Without context or choice: {', '.join(page[:4] for page in bare)}.",
    )
    columns = (
        Column("Number", width=8),
        Column("Decision", width=50),
        Column("Context when it was made", width=60),
        Column("Choice", width=60),
        Column("Since then", width=40),
    )
    rows = [[page.name[:4], *_summarise(text), _read_successor(text)] for page, text in read.items()]
    sheet = Sheet(
        "Decisions",
        "Decisions log",
        "One row per decision; the first paragraphs. Source: docs/decisions.",
        columns,
        rows,
    )
    words = (
        "Choices that others might question. A context tells how things stood when the choice was made, with the "
        "numbers of that day; where a later decision took its place, that is said. Numbers that are missing from the "
        "list belong to no decision. The workbook has the first paragraph of each choice."
    )
    shown = tabulate_sheet(sheet, (0, 1, 2, 4), (8, 30, 66, 18))
    return Chapter("Decisions log", (Paragraph(words), tabulate_checks([check]), shown), (sheet,), (check,))


def _summarise(text: str) -> list[str]:
    """The title of a decision, and the first words of its context and choice, with the list that they lead to."""
    blocks = read_blocks(text, 0)
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    parts = {"Context": "", "Choice": ""}
    heading = ""
    for block in blocks:
        if isinstance(block, Heading):
            heading = block.text
            continue
        words = _read_words(block)
        if words.rstrip(".") in parts:
            heading = words.rstrip(".")
            continue
        begun = next((part for part in parts if words.startswith(f"{part}. ")), "")
        part = heading = begun or heading
        if part in parts and (not parts[part] or parts[part].endswith(":")):
            parts[part] = f"{parts[part]} {words.removeprefix(f'{begun}. ') if begun else words}".lstrip()
    return [re.sub(r"^\d{4}:? *", "", title), *parts.values()]


def _read_words(block: Block) -> str:
    """What a block says, in a line; a table by its rows."""
    if isinstance(block, Table):
        return "; ".join(", ".join(cell for cell in row if cell) for row in block.rows)
    return block.text if isinstance(block, Paragraph) else " ".join(getattr(block, "entries", ()))


def _read_successor(text: str) -> str:
    """What a decision's page says under its title of a decision that came before or after it."""
    found = re.match(r"# .+\n\n\*(?![*\s])(.+)\*\n", text)
    said = " ".join(getattr(block, "text", "") for block in read_blocks(found[1])) if found else ""
    return said or "–"


def write_odd() -> Chapter:
    """The description that follows ODD, with the rules as they stand in the code."""
    text = read_document("model.md", 1)
    uncertain = sum(declared.about.role is Role.UNCERTAIN for declared in PARAMETERS.values())
    counts = (
        ("Entities", f"{len(read_boards())} areas, their boards and mergers, leaders, leads, committees, pilots"),
        ("Time", f"quarters of {YEARS} financial years, {year_name(0)} to {year_name(YEARS - 1)}"),
        ("Stages of a quarter", f"{len(STAGES)}, in the order of the table below"),
        ("Numbers", f"{len(PARAMETERS)}, of which {uncertain} are uncertain: Assumptions log"),
        ("Levers", f"{len(LEVERS)}: the table below"),
        ("Outcomes", f"{len(OUTCOMES)}: the table below"),
        (
            "Random events",
            f"{len(Event)}: {', '.join(event.name.lower().replace('_', ' ') for event in Event)}. The description says "
            "under which address each is drawn",
        ),
    )
    levers = tuple((lever.about.meaning, lever.about.unit.value, name) for name, lever in LEVERS.items())
    outcomes = tuple((outcome.label, outcome.meaning, outcome.unit.value) for outcome in OUTCOMES.values())
    rules = tuple(list_rules())
    undescribed = [name for name, _, says in rules if not says]
    check = judge(
        "Does every rule say what it does?",
        bool(rules) and not undescribed,
        f"All {len(rules)} do.",
        f"{len(undescribed)} of {len(rules)} {'says' if len(undescribed) == 1 else 'say'} nothing: "
        f"{', '.join(undescribed)}.",
    )
    checks = (check, check_elements(text))
    sheet = Sheet(
        "Rules",
        "Rules",
        "One row per rule. Source: the code in rules/.",
        (Column("Rule", width=24), Column("File", width=16), Column("What it says", width=60)),
        rules,
    )
    blocks = (
        Paragraph(
            "It follows the ODD protocol of 2020. First what the declarations and the code say, then the description, "
            "which is a page of the documentation: the pages that it names, such as reference/parameters.md, are in "
            "docs/, and its numbers are in the Assumptions log."
        ),
        Heading("As declared", 2),
        Table(("Part", "What is declared"), counts, (30, 120)),
        tabulate_checks(checks),
        Heading("A quarter, stage by stage", 2),
        Table(("Stage", "What happens", "Name in the code"), tuple(list_stages()), (8, 112, 20)),
        draw_stages(list_stages()),
        Heading("Levers", 2),
        Table(("What the lever does", "Unit", "Name in a scenario file"), levers, (90, 20, 26)),
        Heading("Outcomes", 2),
        Table(("Outcome", "What it is", "Unit"), outcomes, (40, 90, 16)),
        *(text or ()),
        Heading("Every rule, from the code", 2),
        tabulate_sheet(sheet, (0, 1, 2), (24, 16, 80)),
    )
    return Chapter("The model in ODD", blocks, (sheet,), checks)


def check_elements(text: Sequence[Block] | None) -> Check:
    """Whether the description has a section for each element of ODD."""
    asked = "Is the description there, with the seven elements of ODD?"
    if not text:
        return Check(asked, State.GAP, ABSENT.format("model.md"))
    heads = [block.text for block in text if isinstance(block, Heading)]
    lacking = [name for at, name in enumerate(ODD, 1) if f"{at}. {name}" not in heads]
    return judge(asked, not lacking, f"It has all {len(ODD)}.", f"These have no section: {', '.join(lacking)}.")


def list_stages() -> Iterator[tuple[str, str, str]]:
    """The stages of a quarter in order: number, what happens, name; as the model's own description says it."""
    said = dict(re.findall(r"^ *\d+\. (\w+) +(.+)$", model.__doc__ or "", re.MULTILINE))
    for number, name in enumerate(STAGES, 1):
        yield str(number), said.get(name, name.replace("_", " ")), name


def list_rules() -> Iterator[tuple[str, str, str]]:
    """The name of every rule, its file, and the first sentence of what it says of itself."""
    folder = Path(str(files("simulator"))) / "rules"
    for path in sorted(folder.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node.name, path.name, " ".join((ast.get_docstring(node) or "").split())


def write_rationale() -> Chapter:
    """Why the model is as it is: rationale by submodel and the questions of ODD+D, without the table of TRACE."""
    text = read_document("rationale.md", 1)
    if text is None:
        check = Check("Is the rationale there?", State.GAP, ABSENT.format("rationale.md"))
        return Chapter("Rationale, and ODD+D", (tabulate_checks([check]),), (), (check,))
    before, _, after = part_at(text, "TRACE")
    return Chapter("Rationale, and ODD+D", join_tables((*before, *after), QUESTIONS))


def join_tables(blocks: Sequence[Block], title: str) -> tuple[Block, ...]:
    """Blocks in which the tables of a section, one under each heading of it, are one, with the headings in front."""
    before, section, after = part_at(blocks, title)
    tables = [block for block in section if isinstance(block, Table)]
    heads = [block for block in section if isinstance(block, Heading)]
    if len({table.head for table in tables}) != 1 or len(section) != len(tables) + len(heads):
        return tuple(blocks)
    rows, theme = [], ""
    for block in section:
        if isinstance(block, Heading):
            theme = block.text
        elif isinstance(block, Table):
            rows += [(theme, *row) for row in block.rows]
    level = next(block.level for block in blocks if isinstance(block, Heading) and block.text == title)
    return (*before, Heading(title, level), Table(("theme", *tables[0].head), tuple(rows), (20, 34, 96)), *after)


def part_at(blocks: Sequence[Block], title: str) -> tuple[tuple[Block, ...], tuple[Block, ...], tuple[Block, ...]]:
    """What stands before a section of that title, the section without its heading, and what stands after it."""
    heads = [(at, block) for at, block in enumerate(blocks) if isinstance(block, Heading)]
    for place, (at, head) in enumerate(heads):
        if head.text == title:
            ends = next((later for later, other in heads[place + 1 :] if other.level <= head.level), len(blocks))
            return tuple(blocks[:at]), tuple(blocks[at + 1 : ends]), tuple(blocks[ends:])
    return tuple(blocks), (), ()


def write_trace() -> Chapter:
    """TRACE: the table of the rationale, which says for each element where it is answered; it stands there alone."""
    _, section, _ = part_at(read_document("rationale.md", 1) or (), "TRACE")
    asked = "Is each of the eight elements answered somewhere?"
    if not any(isinstance(block, Table) for block in section):
        check = Check(asked, State.GAP, ABSENT.format("rationale.md"))
        return Chapter("TRACE", (tabulate_checks([check]),), (), (check,))
    rows = [row for block in section if isinstance(block, Table) for row in block.rows]
    open_ = [row[0] for row in rows if not row[1].strip() or not row[2].strip()]
    numbered = [row[0].split()[0] for row in rows] == [str(number) for number in range(1, ELEMENTS + 1)]
    check = judge(asked, numbered and not open_, f"All {len(rows)} are.", f"Not answered: {', '.join(open_)}.")
    return Chapter("TRACE", (*section, tabulate_checks([check])), (), (check,))


def write_stress(odd: Chapter) -> Chapter:
    """STRESS-ABS: the checklist for agent-based simulation, answered from the program; `odd` is its description."""
    rows = (*_answer_what(), *_answer_how())
    words = (
        "STRESS-ABS: the checklist for agent-based simulation of Monks and others (2019), "
        "doi:10.1080/17477778.2018.1442155, item by item, in our own words."
    )
    checks = (
        Check("Were the items held against the published checklist?", State.GAP, NOT_HELD_AGAINST),
        check_diagram(odd),
    )
    blocks = (Paragraph(words), tabulate_checks(checks), Table(("Item", "Answer"), rows, (34, 116)))
    return Chapter("STRESS-ABS", blocks, (), checks)


def check_diagram(odd: Chapter) -> Check:
    """Whether the diagram of the base model draws every stage that the model runs, in words of the model's own."""
    asked = "Item 2.1: does the diagram show the stages of a quarter as the program runs them?"
    drawn = " ".join(block.svg for block in odd.blocks if isinstance(block, Picture))
    places = [drawn.find(f">{name}<") for name in STAGES]
    silent = [name for name in STAGES if not re.search(rf"^ *\d+\. {name} +\S", model.__doc__ or "", re.MULTILINE)]
    lacking = [name for name, place in zip(STAGES, places, strict=True) if place < 0]
    met = bool(drawn) and not lacking and not silent and places == sorted(places)
    return judge(
        asked,
        met,
        f"All {len(STAGES)} stages are drawn in their order under The model in ODD, in the model's own words.",
        f"Not drawn: {', '.join(lacking) or 'none, but not in order'}; without words: {', '.join(silent) or 'none'}.",
    )


def _answer_what() -> tuple[tuple[str, str], ...]:
    """Objectives, logic and data."""
    areas, uncertain = len(read_boards()), sum(d.about.role is Role.UNCERTAIN for d in PARAMETERS.values())
    stages = "; ".join(says for _, says, _ in list_stages())
    return (
        ("1.1 Purpose", "To compare policies for health inequalities money: how much of it still serves its purpose"),
        (
            "1.2 Outputs",
            f"{'; '.join(outcome.label for outcome in OUTCOMES.values())}. What each is stands under The model in ODD; "
            "they are worked out once a year, and their errors as under 4.3",
        ),
        (
            "1.3 Aims of experiments",
            f"Scenarios: paired comparison of {len(library())} scenarios of the library, and of users' own, each with "
            "its question and reasons in its file. Designs: the impact of each uncertain number that acts (the "
            "standard deviation of the answer's mean given the number), under "
            "Sensitivity and uncertainty. Optimisation: none in this pack",
        ),
        ("2.1 Diagram", f"The {len(STAGES)} stages of a quarter are drawn under The model in ODD"),
        ("2.2 Base model logic", f"A quarter goes in this order: {stages}"),
        ("2.3 Scenario logic", f"A scenario sets {len(LEVERS)} levers by quarter, each change dated and with a reason"),
        ("2.4 Algorithms", "Every rule is listed with what it says under The model in ODD"),
        ("2.5.1 Environment", "National rules, deficits and deficit support; no space but regions and footprints"),
        ("2.5.2 Agents", f"{areas} boards with chief executives, finance directors, leads and committees"),
        (
            "2.5.3 Interaction",
            "Boards share out deficit support, learn from peers, share leaders and merge; they do not trade",
        ),
        ("2.5.4 Entry and exit", "Boards merge on dates of the table of boards; leaders leave and are replaced"),
        ("3.1 Data sources", "Data log"),
        ("3.2 Pre-processing", "simulator/data/README.md says how each column was made"),
        ("3.3 Input parameters", f"{len(PARAMETERS)} numbers, {uncertain} of them uncertain: Assumptions log"),
        ("3.4 Assumptions", "Assumptions log"),
    )


def _answer_how() -> tuple[tuple[str, str], ...]:
    """Experimentation, implementation and access."""
    software = ", ".join(f"{name} {_find_library_version(name)}" for name in LIBRARIES)
    seconds = measure_run(TIMED_FUTURES)
    return (
        ("4.1 Initialisation", "Drawn by chance in every future; docs/model.md, section 5. There is no warm-up"),
        ("4.2 Run length", f"{YEARS} years of 4 quarters, {year_name(0)} to {year_name(YEARS - 1)}"),
        (
            "4.3 Estimation",
            "Means over paired futures, with an error that counts parameter sets and an 80% range over futures; 1,000 "
            "futures unless another number is asked for; chapters of this pack say of how many futures theirs are",
        ),
        (
            "5.1 Software",
            f"Ringfence {find_version()}, model code {source_hash()}; Python {platform.python_version()}; {software}",
        ),
        (
            "5.2 Random sampling",
            f"Counter-based generator (Philox). A draw has an address: seed, run, area, quarter and one of "
            f"{len(Event)} events. There is no generator with a state, so every scenario meets the same draws, a draw "
            "that is not needed moves no other, and the order in which boards act decides nothing",
        ),
        (
            "5.3 Execution",
            "All boards finish a stage before the next begins; two drivers, equal to the last bit: Verification",
        ),
        (
            "5.4 System",
            f"{platform.system()} {platform.machine()}, {os.cpu_count() or 1} cores: {TIMED_FUTURES:,} futures of one "
            f"scenario took {seconds:.1f} seconds of processor time when this pack was made. Whether results "
            "depend on the system, and on which that was looked at: Verification",
        ),
        ("6.1 Sharing", "MIT licence; code, data and tests in one folder. A permanent archive: see Self-assessment"),
    )


def measure_run(futures: int) -> float:
    """Seconds of processor time that so many futures of today's rules take, compiling not counted."""
    boards, drawn, policy = read_boards(), draw_futures(futures), load_scenario("baseline")
    simulate(drawn.points[:1], drawn.runs[:1], policy.schedule, boards.areas, seed=drawn.seed)
    start = time.process_time()
    simulate(drawn.points, drawn.runs, policy.schedule, boards.areas, seed=drawn.seed)
    return time.process_time() - start


def _find_library_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
