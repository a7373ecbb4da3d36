"""The whole fit, made again from nothing, is the one that ships.

That takes minutes. Where all that goes into it is as it was when it was last made again (`proofs.py`), its first stage
is made, which must lead to the second as it ships; `test_posterior.py` holds every draw against the design.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from proofs import SHIPPED_FIT

from simulator.calibration.export import describe_fit, round_numbers
from simulator.calibration.fit import DRAWS, FULL, SEED, calibrate
from simulator.experiments.stats.importance_sampling import adapt_proposal
from simulator.runs import posterior
from simulator.runs.manifest import find_version
from simulator.runs.posterior import BLOCK, ROW, shipped_draws

pytestmark = pytest.mark.calibration

DIGITS = 1e-4


def differences(found: Any, wanted: Any, where: str = "") -> list[str]:
    """Where two manifests differ in more than the fourth digit. The sign of a direction is free."""
    if isinstance(wanted, dict):
        if "along" in wanted:
            found, wanted = (_turned(one) for one in (found, wanted))
        apart = [f"{where}: {sorted(set(found) ^ set(wanted))}"] if set(found) != set(wanted) else []
        return apart + [
            d for key in wanted if key in found for d in differences(found[key], wanted[key], f"{where}.{key}")
        ]
    if isinstance(wanted, list):
        if len(found) != len(wanted):
            return [f"{where}: {len(found)} for {len(wanted)}"]
        return [
            d for k, (a, b) in enumerate(zip(found, wanted, strict=True)) for d in differences(a, b, f"{where}[{k}]")
        ]
    if isinstance(wanted, float):
        return [] if found == pytest.approx(wanted, rel=DIGITS, abs=DIGITS) else [f"{where}: {found} for {wanted}"]
    return [] if found == wanted else [f"{where}: {found} for {wanted}"]


def _turned(one: dict[str, Any]) -> dict[str, Any]:
    largest = max(one["along"].values(), key=abs)
    return {"variance": one["variance"], "along_turned": {k: v * np.sign(largest) for k, v in one["along"].items()}}


def test_the_fit_made_again_gives_every_shipped_draw_and_the_manifest(whole: bool) -> None:
    if SHIPPED_FIT.is_due(whole):
        make_the_whole_again()
        if whole:
            SHIPPED_FIT.keep()
        return
    document = posterior.read_fit_document()
    assert (document["version"], document["seed"], document["sizes"]) == (find_version(), SEED, list(FULL))
    made, (first, second, *_) = adapt_proposal(calibrate(FULL[:1]).weighted), document["stages"]
    assert (first["names"], first["prior_share"]) == ([], 1.0), "it begins with the priors"
    assert list(made.names) == second["names"]
    assert made.prior_share == second["prior_share"]
    assert made.mean.tolist() == second["mean"]
    assert made.covariance.tolist() == second["covariance"]


def make_the_whole_again() -> None:
    fit = calibrate()
    np.testing.assert_array_equal(fit.rows(), shipped_draws()[ROW])
    for name, values in fit.draws().items():
        np.testing.assert_allclose(shipped_draws()[name][:BLOCK], values[:BLOCK], rtol=1e-8, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(shipped_draws()[name][BLOCK:], values[BLOCK:], rtol=2e-7, atol=1e-12, err_msg=name)
    assert fit.quality.problems == []
    assert differences(round_numbers(describe_fit(fit, DRAWS)), dict(posterior.read_fit_document())) == []


def test_a_changed_digit_a_lost_number_and_a_turned_axis_would_be_seen_but_not_a_sign() -> None:
    whole = {"a": [1.0, {"b": "x"}], "axes": [{"variance": 0.5, "along": {"p": 0.6, "q": -0.8}}]}
    assert differences(whole, whole) == []
    assert differences({**whole, "a": [1.001, {"b": "x"}]}, whole) == [".a[0]: 1.001 for 1.0"]
    assert differences({**whole, "a": [1.0, {}]}, whole) == [".a[1]: ['b']"]
    assert differences({**whole, "a": [1.0]}, whole) == [".a: 1 for 2"]
    turned = {**whole, "axes": [{"variance": 0.5, "along": {"p": -0.6, "q": 0.8}}]}
    assert differences(turned, whole) == []
    assert differences({**whole, "axes": [{"variance": 0.5, "along": {"p": 0.6, "q": 0.8}}]}, whole) != []
