"""Reference tables, made from the declarations: for the command line and for the documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields

from simulator.calibration.evidence_status import list_badges
from simulator.common.errors import UnknownNameError
from simulator.common.ranges import Range
from simulator.common.yaml_nodes import suggest
from simulator.declarations.calendar import quarter_name
from simulator.declarations.evidence import load_register
from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Declared
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.priors import Prior
from simulator.replays.targets import Target, read_patterns, read_targets
from simulator.runs.posterior import read_fit_document
from simulator.scenarios.library import BASELINE
from simulator.scenarios.scenario import library, load_scenario

Line = dict[str, str]
_BETTER = {1: "more", -1: "less", 0: "neither"}


def make_table(name: str) -> list[Line]:
    """The table of parameters, levers, outcomes, evidence or scenarios: one row each, text only.

    Raises LookupError for another name.
    """
    if name not in TABLES:
        raise UnknownNameError(f"there is no table of '{name}'{suggest(name, TABLES)}; there are {', '.join(TABLES)}")
    return TABLES[name]()


def render_markdown(name: str) -> str:
    """The same as a Markdown table. Raises LookupError."""
    rows = make_table(name)
    heads = list(rows[0])
    lines = [heads, ["---"] * len(heads), *([_escape_cell(text) for text in row.values()] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _escape_cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ") or "–"


def _list_parameters() -> list[Line]:
    return [
        _describe_number(d, {"prior": _describe_prior(d.about.prior), "plain": d.about.plain})
        for d in PARAMETERS.values()
    ]


def _list_levers() -> list[Line]:
    return [_describe_number(d, {"theme": d.about.theme}) for d in LEVERS.values()]


def _describe_number(d: Declared, more: Line) -> Line:
    about = d.about
    return {
        "name": d.name,
        "group": d.group,
        "meaning": about.meaning,
        "unit": about.unit.value,
        "lowest": f"{about.low:g}",
        "default": f"{d.default:g}",
        "highest": f"{about.high:g}",
        **more,
        "role": about.role.value,
        "status": about.status.value,
        "badge": list_badges()[d.name],
        "strength": about.strength.value,
        "evidence": " ".join(about.evidence),
    }


def _describe_prior(prior: Prior | None) -> str:
    if prior is None:
        return ""
    kind = "".join(f" {c.lower()}" if c.isupper() else c for c in type(prior).__name__).strip()
    shape = ", ".join(f"{f.name.replace('_', ' ')} {getattr(prior, f.name):g}" for f in fields(prior))  # type: ignore[arg-type]
    return f"{kind}: {shape}"


def _list_outcomes() -> list[Line]:
    return [
        {
            "name": o.name,
            "label": o.label,
            "meaning": o.meaning,
            "unit": o.unit.value,
            "better": _BETTER[o.better],
            "formula": o.formula,
        }
        for o in OUTCOMES.values()
    ]


def _list_evidence() -> list[Line]:
    return [
        {
            "id": e.id,
            "says": e.says,
            "source": e.source,
            "year": str(e.year),
            "strength": e.strength,
            "kind": e.kind,
            "supports": _join_items(e.supports),
            "url": _join_items(e.url),
            "press": "yes" if e.press else "no",
        }
        for e in load_register().values()
    ]


def _list_scenarios() -> list[Line]:
    baseline, rows = load_scenario(BASELINE), []
    for name in library():
        policy = load_scenario(name)
        rows.append(
            {
                "name": name,
                "title": policy.title,
                "question": policy.question,
                "interventions": ", ".join(map(str, policy.interventions)),
                "levers": ", ".join(policy.differs_from(baseline)),
                "from": quarter_name(policy.start) if policy.start is not None else "",
                "evidence": _join_items(policy.evidence),
                "cannot say": policy.cannot_say,
            }
        )
    return rows


def _list_targets() -> list[Line]:
    rows = [
        {
            "id": t.id,
            "use": t.use.value,
            "says": t.says,
            "observed": ", ".join(f"{x:g}" for x in t.observed),
            "unit": t.unit.value,
            "likelihood": f"normal, s.d. {t.error:g}" if t.error else t.likelihood,
            "tolerance": _format_span(t.band),
            "written": _describe_when_written(t),
            "evidence": _join_items(t.evidence),
            "note": t.note,
        }
        for t in read_targets().values()
    ]
    for p in read_patterns().values():
        rows += [
            {
                "id": f"{p.id}.{c.name}",
                "use": "pattern",
                "says": c.says,
                "observed": "",
                "unit": "",
                "likelihood": "",
                "tolerance": _format_span(c.tolerance) + (", ends excluded" if c.strict else ""),
                "written": "beforehand" if c.beforehand else "after a prototype",
                "evidence": _join_items(p.evidence),
                "note": p.says,
            }
            for c in p.checks
        ]
    return rows


def _list_identified() -> list[Line]:
    return [
        {
            "name": i["name"],
            "badge": list_badges().get(i["name"], "judgement"),
            "prior": f"{i['prior_mean']:.2f} ± {i['prior_sd']:.2f}",
            "posterior": f"{i['mean']:.2f} ± {i['sd']:.2f}",
            "5%": f"{i['low']:.2f}",
            "50%": f"{i['median']:.2f}",
            "95%": f"{i['high']:.2f}",
            "s.d. ratio": f"{i['ratio']:.2f}",
            "shift": f"{i['shift']:+.2f}".replace("-", "−"),
            "pinned": "yes" if i["pinned"] else "",
        }
        for i in read_fit_document()["identified"]
    ]


def _describe_when_written(target: Target) -> str:
    """When a tolerance was written down."""
    return "" if target.band is None else "beforehand" if target.beforehand else "after a run"


def _format_span(span: Range | None) -> str:
    return "" if span is None else f"{span[0]:.3g} to {span[1]:.3g}"


def _join_items(items: Iterable[str]) -> str:
    return " ".join(items)


TABLES: Mapping[str, Callable[[], list[Line]]] = {
    "parameters": _list_parameters,
    "levers": _list_levers,
    "outcomes": _list_outcomes,
    "evidence": _list_evidence,
    "scenarios": _list_scenarios,
    "targets": _list_targets,
    "identified": _list_identified,
}
