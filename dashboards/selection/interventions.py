"""The 45 interventions in groups, by who could act: the scenario that stands for each, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from simulator.declarations.evidence import load_register

MOST = 45


@dataclass(frozen=True)
class Group:
    """Interventions that belong together: a title, a key for links, and scenarios by their numbers."""

    key: str
    title: str
    about: str
    scenarios: dict[int, str]


GROUPS = (
    Group(
        "government",
        "What government could do",
        "Strategy, law and what the centre asks for.",
        {
            1: "cross-government-strategy",
            2: "prime-ministers-mission",
            3: "green-book-test",
            4: "aligned-targets",
            5: "realistic-duty",
            6: "long-term-framework",
        },
    ),
    Group(
        "oversight",
        "What regulators could do",
        "What is assessed, published and followed up.",
        {7: "oversight-rewards", 8: "published-progress", 9: "data-with-consequences"},
    ),
    Group(
        "nhs-england",
        "What NHS England could do",
        "How its requests and programmes fit the purpose.",
        {10: "guarded-requests", 11: "aligned-programmes", 12: "national-programme"},
    ),
    Group(
        "systems",
        "What systems could do together",
        "Learning from each other.",
        {13: "toolkit", 14: "peer-forums"},
    ),
    Group(
        "funding",
        "How the money could be designed",
        "Rules that come with the money.",
        {
            15: "ringfence",
            16: "ringfence-audited",
            17: "yearly-money",
            18: "multi-year-permission",
            19: "uplift",
            20: "trusts-stream",
            21: "gateway-incentive",
            22: "named-amounts",
            23: "early-release",
            24: "carry-forward",
        },
    ),
    Group(
        "leadership",
        "Leadership and governance",
        "Who decides, and who is heard.",
        {
            25: "leadership",
            26: "finance-directors",
            27: "committee",
            28: "lead-seated",
            29: "stability",
            30: "relations",
        },
    ),
    Group(
        "local",
        "How boards could use the money",
        "Choices that a board can make itself.",
        {
            31: "devolve-to-place",
            32: "core20-rule",
            33: "conditions",
            34: "central-staff",
            35: "networks",
            36: "long-contracts",
            37: "evaluation-set-aside",
            38: "mainstream-route",
            39: "written-principles",
            40: "data-and-analytics",
        },
    ),
    Group(
        "pressure",
        "The pressure on boards",
        "What happens around the fund. Some of these make things harder; they show how much the pressure matters.",
        {
            41: "deficit-relief",
            42: "reset-letters",
            43: "management-cuts",
            44: "no-mergers",
            45: "fewer-targets",
        },
    ),
)


@dataclass(frozen=True)
class Publication:
    """What recommends an intervention, and an entry of the register of evidence that is from it."""

    words: str
    entry: str

    @property
    def url(self) -> str:
        """Where it is to be read."""
        return load_register()[self.entry].url[0]


REPORT = Publication(
    "NHS Confederation and Leeds Beckett University, Putting money where our mouth is?, March 2024",
    "E03",
)
BRIEFING = Publication(
    "NHS Providers, Health inequalities: a core concern, briefing, September 2021",
    "E38",
)
FOLLOWED = {
    **dict.fromkeys((1, 2, 3, 4, 7, 8, 10, 11, 12, 13, 14), REPORT),
    **dict.fromkeys((5, 6, 9), BRIEFING),
}
"""Whose recommendation an intervention follows, by its number. The others come from what these and other sources say of
the money, and stand on no list of recommendations; the numbers are those of this project.
"""


@cache
def number_interventions() -> dict[str, int]:
    """The number of each scenario that stands for an intervention, by its name."""
    return {name: number for group in GROUPS for number, name in group.scenarios.items()}
