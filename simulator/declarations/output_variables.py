"""Output variables: what both drivers record at each year end, a row for each area and a national row made from them.

National variables are sums over areas (or plain means and centiles, where they say so), so that outcomes over any
span of years can be formed afterwards as ratios of sums.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.common.units import Unit

AREA_VARIABLES: Mapping[str, tuple[Unit, str]] = {
    "funding": (Unit.MILLIONS, "the area's share of the fund, direct money included, carried cash left out"),
    "pot": (Unit.MILLIONS, "what the board had to plan with, carried cash included"),
    "direct": (Unit.MILLIONS, "paid straight to providers"),
    "protected": (Unit.MILLIONS, "set aside for its purpose in the plan"),
    "released": (Unit.MILLIONS, "lost to the general budget in the plan"),
    "raided_q1": (Unit.MILLIONS, "taken back in Q1"),
    "raided_q2": (Unit.MILLIONS, "taken back in Q2"),
    "raided_q3": (Unit.MILLIONS, "taken back in Q3"),
    "raided_q4": (Unit.MILLIONS, "taken back in Q4"),
    "spent": (Unit.MILLIONS, "spent on purpose by the board, hurried spending included"),
    "staff": (Unit.MILLIONS, "of that, extra central staff"),
    "rushed": (Unit.MILLIONS, "of that, spent in a hurry at the year end"),
    "lapsed": (Unit.MILLIONS, "unspent and lost at the year end"),
    "carried": (Unit.MILLIONS, "cash carried into the next year"),
    "place": (Unit.MILLIONS, "received by places"),
    "front": (Unit.MILLIONS, "reached providers and communities, direct money included"),
    "core20": (Unit.MILLIONS, "of that, reached the most deprived fifth"),
    "additional": (Unit.MILLIONS, "of what reached the front line, not offset by trimming elsewhere"),
    "retained": (Unit.SHARE, "share of the fund neither given up when plans were made nor taken back in the year"),
    "chief": (Unit.STRENGTH, "chief strength that counted when the plan was made"),
    "gap": (Unit.PERCENT, "underlying gap before deficit support"),
    "net": (Unit.PERCENT, "gap after support, as it stood in Q4"),
    "chief_left": (Unit.COUNT, "the area's own chief left while the post was in use"),
    "post_used": (Unit.COUNT, "the area's own chief post was in use in some quarter"),
    "pilot_fate": (Unit.COUNT, "0 no decision, 1 ended, 2 renewed, 3 mainstreamed"),
    "pilot_verdict": (Unit.COUNT, "evaluation that the decision knew: 0 none, 1 favourable, 2 unfavourable"),
    "pilot_started": (Unit.COUNT, "a pilot cohort started"),
}

SUMS = (
    "funding", "pot", "direct", "protected", "released", "raided_q1", "raided_q2", "raided_q3", "raided_q4", "spent",
    "staff", "rushed", "lapsed", "carried", "place", "front", "core20", "additional", "chief_left", "post_used",
    "pilot_started",
)  # fmt: skip

NATIONAL_VARIABLES: Mapping[str, tuple[Unit, str]] = {
    **{name: AREA_VARIABLES[name] for name in SUMS},
    "boards": (Unit.COUNT, "areas counted"),
    "kept_in_full": (Unit.COUNT, "areas that retained 95% or more"),
    "kept_none": (Unit.COUNT, "areas that retained 5% or less"),
    "retained_mean": (Unit.SHARE, "plain mean over areas of the share retained"),
    "spent_mean": (Unit.SHARE, "plain mean over areas of the share spent on purpose"),
    "place_mean": (Unit.SHARE, "plain mean over areas of the share that reached places"),
    "front_mean": (Unit.SHARE, "plain mean over areas of the share that reached the front line"),
    "additional_mean": (Unit.SHARE, "plain mean over areas of the share that was additional"),
    "retained_low": (Unit.SHARE, "10th centile over areas of the share retained"),
    "retained_high": (Unit.SHARE, "90th centile over areas of the share retained"),
    "retained_deprived": (Unit.SHARE, "mean share retained in the most deprived third of areas"),
    "retained_affluent": (Unit.SHARE, "mean share retained in the least deprived third of areas"),
    "deficits": (Unit.COUNT, "areas with a gap after support in Q4"),
    "deficit": (Unit.PERCENT, "total of those gaps as a share of all allocations"),
    "deficits_before": (Unit.COUNT, "areas with a gap before support"),
    "deficit_before": (Unit.PERCENT, "total of those gaps as a share of all allocations"),
    "pilots_ended": (Unit.COUNT, "pilot cohorts that ended"),
    "pilots_renewed": (Unit.COUNT, "pilot cohorts renewed"),
    "pilots_mainstreamed": (Unit.COUNT, "pilot cohorts moved into mainstream budgets"),
    "decided_evaluated": (Unit.COUNT, "decisions on pilots that had been evaluated"),
    "kept_evaluated": (Unit.COUNT, "of those, renewed or mainstreamed"),
}

AREA_YEAR_DTYPE = np.dtype((np.record, [(name, np.float64) for name in AREA_VARIABLES]))
NATIONAL_DTYPE = np.dtype((np.record, [(name, np.float64) for name in NATIONAL_VARIABLES]))
