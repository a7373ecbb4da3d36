"""A sentence of the answer short enough to be posted: true alone, with its range and one caveat.

`dashboards/offline/page/answer.js` says the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.charts.labels import shorten
from simulator.common.formatting import format_gap_range, format_pounds
from simulator.common.sentence_templates import get_template
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports.sentences import capitalise_first, lower_first, quote_title

LONGEST = 256
"""Letters at most: 280 less a line break and a link, which social media count as 23."""

SHORTEST_TITLE = 12


def write_short_level(outcome: str, level: float, ends: tuple[str, str], span: str) -> str:
    """What today's rules give: `level` of each pound, in 8 of 10 futures between `ends`."""
    said = get_template("short.level.additional" if outcome == "additional" else "short.level").format(
        level=format_pounds(level), does=get_template(f"answer.does.{outcome}"), low=ends[0], high=ends[1]
    )
    return _frame(said, outcome, span, list_caveats(outcome, ())[0])


def write_short_pair(
    c: Comparison, kind: str, size: str, sides: tuple[str, str], rests: Sequence[str], span: str
) -> str:
    """Two policies, the one that gives more first in `sides`: their titles, "" for one that is today's rules. `kind` is
    that of the card's sentence, `size` its difference, and `rests` what it rests on that no source measures.
    Fewer words introduce it where the usual ones leave the titles no room; only then are titles cut, for the end of one
    may say what its policy is. "" for too few futures, and where two cut titles would be the same.
    """
    template = {"alike": "same", "nearly": "nearly", "not_settled": "open"}.get(
        kind, "assumed" if "assumed" in kind else "more"
    )
    ends = c.likely if c.difference >= 0 else (-c.likely[1], -c.likely[0])
    words = {"size": size, "range": format_gap_range(*ends)}
    caveats = list_caveats(c.outcome.name, rests)
    whole = max(map(len, sides))
    for frame, letters in (("short", whole), *(("short.tight", most) for most in range(whole, SHORTEST_TITLE - 1, -1))):
        new, old = (quote_title(shorten(side, letters)) if side else get_template("short.today") for side in sides)
        said = get_template(f"short.{template}").format(new=new, old=old, **words)
        for caveat in caveats:
            told = _frame(said, c.outcome.name, span, caveat, frame)
            if len(told) <= LONGEST:
                return told if new != old and kind != "too_few" else ""
    return ""


def list_caveats(outcome: str, rests: Sequence[str]) -> list[str]:
    """The caveat that matters most, and shorter ways to say it."""
    much = get_template("short.rests.much")
    if len(rests) > 1:
        return [much]
    if rests and rests[0] in PARAMETERS:
        plain = capitalise_first(PARAMETERS[rests[0]].about.plain)
        return [get_template("short.rests.number").format(plain=plain), much]
    kinds = [*(f"rests.{kind}" for kind in rests), *(["additional"] if outcome == "additional" else []), "forecast"]
    return [get_template(f"short.{kinds[0]}"), *([much] if rests else [])]


def _frame(said: str, outcome: str, span: str, caveat: str, frame: str = "short") -> str:
    """What was said of which money and years, with a caveat."""
    additional = outcome == "additional"
    what = get_template("short.what.additional") if additional else lower_first(OUTCOMES[outcome].label)
    return get_template(frame).format(what=what, span=span, said=said, caveat=caveat)
