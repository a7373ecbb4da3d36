"""Reference tables, made from the declarations: for the command line and for the documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields

from simulator.calendar import quarter_name
from simulator.declare import Declared
from simulator.evidence import register
from simulator.levers import LEVERS
from simulator.outcomes import OUTCOMES
from simulator.parameters import PARAMETERS
from simulator.priors import Prior
from simulator.scenario import library, scenario
from simulator.scenario_library import BASELINE
from simulator.scenario_text import suggest

Line = dict[str, str]
_BETTER = {1: "more", -1: "less", 0: "neither"}


def table(name: str) -> list[Line]:
    """The table of parameters, levers, outcomes, evidence or scenarios: one row each, text only.

    Raises LookupError for another name.
    """
    if name not in TABLES:
        raise LookupError(f"there is no table of '{name}'{suggest(name, TABLES)}; there are {', '.join(TABLES)}")
    return TABLES[name]()


def markdown(name: str) -> str:
    """The same as a Markdown table. Raises LookupError."""
    rows = table(name)
    heads = list(rows[0])
    lines = [heads, ["---"] * len(heads), *([_cell(text) for text in row.values()] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ") or "–"


def _parameters() -> list[Line]:
    return [_number(d, {"prior": _prior(d.about.prior)}) for d in PARAMETERS.values()]


def _levers() -> list[Line]:
    return [_number(d, {"theme": d.about.theme}) for d in LEVERS.values()]


def _number(d: Declared, more: Line) -> Line:
    about = d.about
    return {
        "name": d.name, "group": d.group, "meaning": about.meaning, "unit": about.unit.value,
        "lowest": f"{about.low:g}", "default": f"{d.default:g}", "highest": f"{about.high:g}", **more,
        "role": about.role.value, "status": about.status.value, "badge": about.status.badge,
        "strength": about.strength.value, "evidence": " ".join(about.evidence),
    }  # fmt: skip


def _prior(prior: Prior | None) -> str:
    if prior is None:
        return ""
    kind = "".join(f" {c.lower()}" if c.isupper() else c for c in type(prior).__name__).strip()
    shape = ", ".join(f"{f.name.replace('_', ' ')} {getattr(prior, f.name):g}" for f in fields(prior))  # type: ignore[arg-type]
    return f"{kind}: {shape}"


def _outcomes() -> list[Line]:
    return [
        {
            "name": o.name, "label": o.label, "meaning": o.meaning, "unit": o.unit.value, "better": _BETTER[o.better],
            "formula": o.formula,
        }
        for o in OUTCOMES.values()
    ]  # fmt: skip


def _evidence() -> list[Line]:
    return [
        {
            "id": e.id, "says": e.says, "source": e.source, "year": str(e.year), "strength": e.strength,
            "kind": e.kind, "supports": _words(e.supports), "url": _words(e.url), "press": "yes" if e.press else "no",
        }
        for e in register().values()
    ]  # fmt: skip


def _scenarios() -> list[Line]:
    baseline, rows = scenario(BASELINE), []
    for name in library():
        policy = scenario(name)
        rows.append({
            "name": name, "title": policy.title, "question": policy.question,
            "interventions": ", ".join(map(str, policy.interventions)),
            "levers": ", ".join(policy.differs_from(baseline)),
            "from": quarter_name(policy.start) if policy.start is not None else "",
            "evidence": _words(policy.evidence), "cannot say": policy.cannot_say,
        })  # fmt: skip
    return rows


def _words(items: Iterable[str]) -> str:
    return " ".join(items)


TABLES: Mapping[str, Callable[[], list[Line]]] = {
    "parameters": _parameters, "levers": _levers, "outcomes": _outcomes, "evidence": _evidence,
    "scenarios": _scenarios,
}  # fmt: skip
