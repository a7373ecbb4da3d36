"""Which would be regretted, and what would it be worth to know more before choosing?"""

from __future__ import annotations

from dashboards.analyses.lever_text import meaning, short, size
from dashboards.analyses.request import Ask, Document, Steps, Told, rests
from dashboards.analyses.shared_runs import DRAWS, LUCKS, Table, table_of
from dashboards.selection.selection import LETTERS
from simulator.calibration.evidence_status import badges
from simulator.charts import uncertainty
from simulator.charts.palette import STYLES, Style
from simulator.common.errors import InputError
from simulator.common.formatting import amount, listed, share_out_of, significant
from simulator.common.html import NOTHING
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import Progress
from simulator.experiments.core.clustered_errors import label_parameter_sets
from simulator.experiments.core.replicate_average import DrawAverages, average_over_replicates
from simulator.experiments.decision.robustness import Robustness, assess_robustness
from simulator.experiments.decision.switching_value import find_switching_value
from simulator.experiments.decision.value_of_information import estimate_value_of_information
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.posterior import fit_badge

FEWEST = 2
TIMES = 60
SHOWN = 6


def _checked(ask: Ask) -> None:
    if len({one.fingerprint for one in ask.policies}) < len(ask.policies) or len(ask.policies) < FEWEST:
        raise InputError("A choice takes two scenarios that differ.")


def regret(ask: Ask, progress: Progress) -> Document:
    """What each scenario falls short of the best one for the same parameter set."""
    _checked(ask)
    table = table_of(ask, progress)
    found: Robustness = assess_robustness(
        table.columns, better=ask.about.better, draws=table.worlds.draws, unit=ask.about.unit, sets=table.worlds.sets
    )
    return ask.document(
        standings=[
            {
                "at": int(s.policy),
                "mean": s.mean,
                "worst": s.worst_regret,
                "high": s.high_regret,
                "high_interval": list(s.high_interval),
                "regret": s.mean_regret,
                "best": [s.best.estimate, s.best.low, s.best.high],
                "running": s.in_the_running,
            }
            for s in found.standings
        ],
        draws=found.draws,
        lucks=found.replicates,
        noise=found.chance_error,
        badge=fit_badge(),
    )


def _regret_sentences(doc: Document, least: Document) -> list[str]:
    """What the table of regrets says, and how sure it is."""
    unit, standings = OUTCOMES[doc["outcome"]].unit, doc["standings"]
    low, high = least["high_interval"]
    running = [f"“{doc['titles'][s['at']]}”" for s in standings if s["running"]]
    best = [f"“{doc['titles'][s['at']]}” in {share_out_of(s['best'][0], 100)}" for s in standings]
    return [
        f"Best in so many parameter sets: {listed(best)}.",
        f"{running[0]} has the best average, which is settled."
        if len(running) == 1
        else f"Which of {listed(running)} has the best average is not settled.",
        f"The 95% interval of that {size(least['high'], unit)} is {size(low, unit)} to {size(high, unit)}. The largest "
        f"shortfall in any set, {size(least['worst'], unit)}, grows with the number of sets.",
        f"Regret is what the best choice for the same numbers would have gained. Luck left in it is about "
        f"{size(doc['noise'] or 0.0, unit)} a set, and the worst of {doc['draws']:,} sets holds two or three times it.",
    ]


def tell_regret(doc: Document) -> Told:
    """Regrets as dots a scenario, with how often each is best."""
    unit, standings = OUTCOMES[doc["outcome"]].unit, doc["standings"]
    least = min(standings, key=lambda s: s["high"])
    others = sorted((s for s in standings if s is not least), key=lambda s: s["high"])
    title = (
        f"Of these, “{doc['titles'][least['at']]}” could be regretted least: in 90 of 100 parameter sets it gives at "
        f"most {size(least['high'], unit)} less than the best choice would have, against "
        f"{size(others[0]['high'], unit)} "
        "for the next"
    )
    says = _regret_sentences(doc, least)
    rows = tuple(
        (
            f"{_style(doc, s['at']).letter}  {doc['titles'][s['at']]}",
            amount(s["mean"], unit),
            size(s["high"], unit),
            size(s["regret"], unit),
            size(s["worst"], unit),
            share_out_of(s["best"][0], 100),
            f"{100 * s['best'][1]:.0f} to {100 * s['best'][2]:.0f}",
            "yes" if s["running"] else "no",
        )
        for s in standings
    )
    head = (
        "Scenario",
        "Mean",
        "Regret, 90 of 100 sets below",
        "Mean regret",
        "Largest regret seen",
        "Best in",
        "95% interval",
        "May have the best average",
    )
    data = tuple((doc["titles"][s["at"]], s["mean"], s["worst"], s["high"], s["regret"], *s["best"]) for s in standings)
    about = "A row a scenario: mean regret (dot), what 90 of 100 sets stay below (bar), the largest seen (line)."
    bars = [(_style(doc, s["at"]), doc["titles"][s["at"]], s["regret"], s["high"], s["worst"]) for s in standings]
    return Told(
        title,
        tuple(says),
        uncertainty.draw_regrets(title, about, bars),
        about,
        title,
        head,
        rows,
        ("scenario", "mean", "worst", "high_90", "mean_regret", "best", "best_low", "best_high"),
        data,
        rests(doc, f"{doc['draws']:,} parameter sets, {doc['lucks']} lucks each"),
    )


def worth(ask: Ask, progress: Progress) -> Document:
    """What knowing each unknown number would add to the choice, and where it would turn it."""
    _checked(ask)
    steps = Steps(progress, (0.5, 0.45, 0.05))
    table = table_of(ask, steps.part(0))
    averages = average_over_replicates(table.columns, table.worlds.draws)
    found = estimate_value_of_information(
        table.points,
        averages,
        better=ask.about.better,
        questions={name: [name] for name in UNCERTAIN},
        unit=ask.about.unit,
        times=TIMES,
        seed=ask.seed,
        progress=steps.part(1),
        sets=label_parameter_sets(table.points),
    )
    ranked = sorted(found.partial, key=lambda w: -w.low)
    whole = found.perfect
    return ask.document(
        best=int(found.best),
        perfect=None if whole is None else [whole.low, whole.high],
        worths=[
            {
                "name": w.name,
                "low": w.low,
                "high": w.high,
                "interval": list(w.interval),
                "clear": w.interval[0] > 0,
                "turn": _turn(w.name, table, averages, ask.about.better) if w.interval[0] > 0 else None,
            }
            for w in ranked
        ],
        draws=DRAWS,
        lucks=LUCKS,
        badge=fit_badge(),
    )


def _turn(name: str, table: Table, averages: DrawAverages, better: int) -> Document | None:
    found = find_switching_value(
        table.points[name], averages, better=better, times=TIMES, sets=label_parameter_sets(table.points)
    )
    if found is None:
        return None
    return {"at": found.at, "interval": list(found.interval), "below": int(found.below), "above": int(found.above)}


def tell_worth(doc: Document) -> Told:
    """What is worth knowing, as bars with intervals, and the evidence that would tell."""
    clear = [w for w in doc["worths"] if w["clear"]][:SHOWN]
    best = f"“{doc['titles'][doc['best']]}”"
    if clear:
        names = listed([f"“{short(w['name'])}”" for w in clear[:2]])
        title = f"{best} is best on average; evidence on {names} could change that"
    else:
        title = f"{best} is best on average, and no single unknown number is shown to be worth knowing before choosing"
    rows = tuple(
        (
            meaning(w["name"]),
            w["name"],
            _range(w),
            _interval(w),
            "yes" if w["clear"] else "no",
            badges()[w["name"]],
            ", ".join(PARAMETERS[w["name"]].about.evidence),
        )
        for w in doc["worths"]
    )
    head = ("Knowing", "Name", "Worth", "95% interval", "Clear of noise", "Rests on", "Evidence so far")
    data = tuple((w["name"], w["low"], w["high"], *w["interval"]) for w in doc["worths"])
    about = "What knowing a number exactly, before choosing, would add on average, with 95% intervals."
    bars = [
        (
            f"{short(w['name'])} ({badges()[w['name']]})",
            max(w["low"], 0.0),
            max(w["interval"][0], 0.0),
            w["interval"][1],
        )
        for w in clear
    ]
    picture = uncertainty.draw_bars(title, about, bars, "points") if bars else NOTHING
    return Told(
        title,
        tuple(_says(doc, clear)),
        picture,
        about,
        title,
        head,
        rows,
        ("name", "low", "high", "interval_low", "interval_high"),
        data,
        rests(doc, f"{doc['draws']:,} parameter sets, {doc['lucks']} lucks each"),
    )


def _says(doc: Document, clear: list[Document]) -> list[str]:
    unit, told = OUTCOMES[doc["outcome"]].unit, []
    for one in clear:
        if one["turn"]:
            t = one["turn"]
            low, high = (significant(x) for x in t["interval"])
            told.append(
                f"Knowing “{short(one['name'])}”, one would choose “{doc['titles'][t['below']]}” below "
                f"{significant(t['at'])} (95% interval {low} to {high}) and “{doc['titles'][t['above']]}” above it."
            )
    if doc["perfect"]:
        told.append(f"Knowing every number before choosing would be worth {size(doc['perfect'][0], unit)} on average.")
    judged = [one for one in clear if badges()[one["name"]] == "judgement"]
    if judged:
        told.append(f"{len(judged)} of these {len(clear)} rest on judgement alone: no finding measures them yet.")
    return told


def _style(doc: Document, at: int) -> Style:
    return STYLES[LETTERS.index(doc["how"]["letters"][at])]


def _range(w: Document) -> str:
    low, high = sorted((max(w["low"], 0.0), max(w["high"], 0.0)))
    return size(high) if size(low) == size(high) else f"{size(low).split(' ')[0]} to {size(high)}"


def _interval(w: Document) -> str:
    low, high = (max(x, 0.0) for x in w["interval"])
    return f"{size(low).split(' ')[0]} to {size(high)}"
