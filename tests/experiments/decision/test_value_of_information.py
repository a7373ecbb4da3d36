"""Value of information against closed forms.

The main toy is linear and normal: policy a gives a level that both share, policy b gives d more, where
d = -0.3 + x1 + 0.5 x2 + luck, and x3 does nothing. Knowing what makes a part of s.d. s of d is worth
s * phi(m / s) - m * Phi(-m / s) with m = 0.3, the unit normal loss: .2668 for x1 (s = 1), .0843 for x2 (s = 0.5), .3120
for everything (s = sqrt(1.25)), 0 for x3. Luck of s.d. 2 counted as learnable would make that .7719.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from simulator.common.arrays import Floats
from simulator.common.units import Unit
from simulator.experiments.core.replicate_average import DrawAverages, average_over_replicates
from simulator.experiments.decision.value_of_information import ValueOfInformation, estimate_value_of_information

pytestmark = pytest.mark.experiments

QUESTIONS = {"x1": ["x1"], "x2": ["x2"], "x3": ["x3"], "x1 and x2": ["x1", "x2"], "all three": ["x1", "x2", "x3"]}
TRUTH = {"x1": 0.2668, "x2": 0.0843, "x3": 0.0, "x1 and x2": 0.3120, "all three": 0.3120}


def loss(m: float, s: float) -> float:
    return float(s * norm.pdf(m / s) - m * norm.sf(m / s))


def toy(n: int, luck: float = 0.0, seed: int = 1) -> tuple[dict[str, Floats], dict[str, Floats]]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, n))
    d = -0.3 + x[0] + 0.5 * x[1] + luck * rng.normal(size=n)
    level = rng.normal(size=n)
    return {f"x{i + 1}": column for i, column in enumerate(x)}, {"a": level, "b": level + d}


def ask(n: int, luck: float = 0.0, known: float | None = 0.0, **changes: object) -> ValueOfInformation:
    points, means = toy(n, luck)
    settings: dict[str, object] = {"better": 1, "questions": QUESTIONS, "times": 10, **changes}
    return estimate_value_of_information(points, DrawAverages(means, 1, known), **settings)  # type: ignore[arg-type]


def test_the_closed_forms_are_those_of_the_unit_normal_loss() -> None:
    forms = [loss(0.3, s) for s in (1.0, 0.5, np.sqrt(1.25), np.sqrt(5.25))]
    assert forms == pytest.approx([0.2668, 0.0843, 0.3120, 0.7719], abs=1e-4)


def test_partial_and_perfect_information_match_closed_forms() -> None:
    values = ask(10_000)
    for name, truth in TRUTH.items():
        assert values[name].low == pytest.approx(truth, abs=0.02), name
        assert values[name].high == pytest.approx(truth, abs=0.02), name
    assert values.perfect is not None
    assert values.perfect.high == pytest.approx(0.3120, abs=0.02)
    assert values.best == "a"


def test_policies_that_never_differ_have_no_best_among_them() -> None:
    points, means = toy(200)
    twins = estimate_value_of_information(
        points, DrawAverages({"b": means["a"], "a": means["a"]}, 1, 0.0), better=1, times=10
    )
    assert twins.sentence.startswith("“b” and “a” give the same at every point, so nothing that could be learnt")
    assert "best" not in twins.sentence
    behind = means["a"] - 9
    three = estimate_value_of_information(
        points, DrawAverages({"c": behind, "b": means["a"], "a": means["a"]}, 1, 0.0), better=1, times=10
    )
    assert three.sentence.startswith(
        "“b” and “a” have the best average, the same at every point. They are best at every"
    )


def test_from_single_runs_luck_counts_as_learnable_unless_its_variance_is_taken_out() -> None:
    values = ask(10_000, luck=2.0, known=4.0)
    assert values.perfect is not None
    assert values.perfect.high == pytest.approx(0.7719, abs=0.03)
    assert values.perfect.low == pytest.approx(0.3120, abs=0.04)
    assert values.chance_share == pytest.approx(4 / 5.25, abs=0.02)
    assert "counts it as learnable" in values.sentence


def test_from_single_runs_with_unknown_luck_the_value_of_everything_is_refused() -> None:
    values = ask(2_000, luck=2.0, known=None)
    assert values.perfect is None
    assert "is not given" in values.sentence
    assert values["x1"].low == pytest.approx(0.2668, abs=0.08)


def test_averages_over_luck_know_their_luck() -> None:
    points, _ = toy(2_000)
    rows = {name: np.repeat(column, 4) for name, column in points.items()}
    luck = np.random.default_rng(8).normal(size=(2, 8_000))
    d = -0.3 + rows["x1"] + 0.5 * rows["x2"]
    averages = average_over_replicates({"a": luck[0], "b": luck[0] + d + 2 * luck[1]}, np.repeat(np.arange(2_000), 4))
    value_of_information = estimate_value_of_information(averages.at_draws(rows), averages, better=1, times=10)
    assert value_of_information.chance_share == pytest.approx(1 / 2.25, abs=0.03)
    assert value_of_information.perfect is not None
    assert value_of_information.perfect.low == pytest.approx(0.3120, abs=0.04)
    assert value_of_information.perfect.high == pytest.approx(loss(0.3, 1.5), abs=0.04)


def test_in_sample_values_are_too_high_and_cross_fitted_ones_too_low_on_average_over_studies() -> None:
    """Judged against what the true conditional means of the same rows would give, to be free of sampling noise."""
    errors = []
    for seed in range(80):
        points, means = toy(450, luck=1.0, seed=seed)
        value_of_information = estimate_value_of_information(
            points, DrawAverages(means, 1, 1.0), better=1, questions=QUESTIONS, times=2
        )
        x, without = points, max((means["b"] - means["a"]).mean(), 0.0)
        parts = [x["x1"], 0.5 * x["x2"], 0 * x["x3"], *2 * [x["x1"] + 0.5 * x["x2"]]]
        truth = [np.maximum(-0.3 + part, 0).mean() - without for part in parts]
        errors.append([[w.low - t, w.high - t] for w, t in zip(value_of_information.partial, truth, strict=True)])
    low, high = (np.mean(errors, axis=0) / (np.std(errors, axis=0) / np.sqrt(len(errors)))).T
    assert (low < 2.5).all()
    assert (high > -2.5).all()
    assert low.mean() < -1 < 1 < high.mean()


def test_intervals_cover() -> None:
    covered = []
    for seed in range(50):
        points, means = toy(800, luck=1.0, seed=100 + seed)
        value_of_information = estimate_value_of_information(points, DrawAverages(means, 1, 1.0), better=1, times=25)
        covered.append([w.interval[0] <= TRUTH[w.name] <= w.interval[1] for w in value_of_information.partial])
    assert (np.mean(covered, axis=0) >= 0.88).all()


def parabola(n: int = 10_000) -> tuple[Floats, Floats]:
    x = np.random.default_rng(2).normal(size=n)
    return x, x**2 - 1


def test_a_parabola_is_worth_what_its_closed_form_says() -> None:
    x, d = parabola()
    value_of_information = estimate_value_of_information(
        {"x": x}, DrawAverages({"a": 0 * x, "b": d}, 1, 0.0), better=1, times=20
    )
    assert value_of_information["x"].low == pytest.approx(2 * norm.pdf(1), abs=0.03)
    assert value_of_information["x"].high == pytest.approx(0.4839, abs=0.03)


def test_a_straight_line_would_see_no_value_in_the_parabola() -> None:
    x, d = parabola()
    fitted = np.polynomial.Polynomial.fit(x, d, 1)(x)
    assert np.maximum(fitted, 0).mean() - max(d.mean(), 0) < 0.05


def test_what_two_factors_do_only_together_is_worth_nothing_one_by_one() -> None:
    x, y = np.random.default_rng(3).normal(size=(2, 6_000))
    results = DrawAverages({"a": 0 * x, "b": x * y}, 1, 0.0)
    value_of_information = estimate_value_of_information(
        {"x": x, "y": y}, results, better=1, questions={"x": ["x"], "both": ["x", "y"]}, times=20
    )
    assert value_of_information["both"].low == pytest.approx(1 / np.pi, abs=0.02)
    assert abs(value_of_information["x"].low) < 0.02


def test_the_direction_of_good_decides() -> None:
    points, means = toy(4_000)
    costs = {name: -column for name, column in means.items()}
    up = estimate_value_of_information(points, DrawAverages(means, 1, 0.0), better=1, times=5)
    down = estimate_value_of_information(points, DrawAverages(costs, 1, 0.0), better=-1, times=5)
    assert down.best == up.best
    assert [w.low for w in down.partial] == pytest.approx([w.low for w in up.partial])


def test_weights_of_a_posterior_give_the_values_of_that_posterior() -> None:
    points, means = toy(20_000)
    weights = norm.pdf(points["x1"], 0, 0.5) / norm.pdf(points["x1"])
    value_of_information = estimate_value_of_information(
        points, DrawAverages(means, 1, 0.0), better=1, weights=weights, times=5
    )
    assert value_of_information["x1"].low == pytest.approx(loss(0.3, 0.5), abs=0.02)
    assert value_of_information["x2"].low == pytest.approx(loss(0.3, 0.5), abs=0.02)


def test_a_policy_that_is_always_best_leaves_nothing_to_learn_for() -> None:
    points, means = toy(500)
    value_of_information = estimate_value_of_information(
        points, DrawAverages({"a": means["a"], "b": means["a"] - 1}, 1, 0.0), better=1, times=5
    )
    assert [w.low for w in value_of_information.partial] == [0, 0, 0]
    assert "nothing that could be learnt would change the choice" in value_of_information.sentence


def test_the_sentence_tells_what_is_worth_knowing_from_what_is_not_shown_to_be() -> None:
    text = ask(4_000, unit=Unit.MILLIONS).sentence
    assert "Knowing every parameter before choosing would be worth £0.3" in text
    assert text.index(", x1 (£0.2") < text.index(" and x2 (£0.0")
    assert "Not shown to be worth anything: x3." in text


def test_many_factors_are_counted_and_not_all_named() -> None:
    points, means = toy(2_000)
    inert = {f"inert {i}": column for i, column in enumerate(np.random.default_rng(4).normal(size=(7, 2_000)))}
    text = estimate_value_of_information({**points, **inert}, DrawAverages(means, 1, 0.0), better=1, times=10).sentence
    assert "Not shown to be worth anything: 8 of 10 asked about." in text
    twins = {f"twin {i}": points["x1"] for i in range(7)}
    text = estimate_value_of_information(twins, DrawAverages(means, 1, 0.0), better=1, times=10).sentence
    assert "and 2 more." in text


def test_a_table_has_a_row_a_question_and_perfect_information_first() -> None:
    frame = ask(500).to_frame()
    assert frame["name"].tolist() == ["everything", *QUESTIONS]
    assert (frame["interval_low"] <= frame["low"]).all()


def test_seeds_change_folds_and_the_same_seed_repeats_every_number() -> None:
    first, again, other = (ask(500, luck=1.0, known=1.0, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first["x2"].low != other["x2"].low


def test_progress_counts_questions() -> None:
    reports: list[tuple[int, int]] = []
    ask(500, progress=lambda done, total: reports.append((done, total)))
    assert reports == [(i, 5) for i in range(1, 6)]


def refused(words: str, points: dict[str, Floats], results: DrawAverages, **changes: object) -> None:
    with pytest.raises(ValueError, match=words):
        estimate_value_of_information(points, results, **{"better": 1, **changes})  # type: ignore[arg-type]


def test_input_that_cannot_be_used_is_refused_with_the_way_to_mend_it() -> None:
    points, means = toy(200)
    fine = DrawAverages(means, 1, 0.0)
    refused("say \\+1", points, fine, better=2)
    refused("x1 has 3 values for 200 results", {"x1": np.arange(3.0)}, fine)
    refused("'q' asks about x9; there are x1", points, fine, questions={"q": ["x9"]})
    refused("'q' asks about no factor", points, fine, questions={"q": []})
    refused("'x0': does not vary", {"x0": np.ones(200)}, fine)
    refused("60 effective draws are too few", points, fine, weights=(np.arange(200) < 60).astype(float))
    refused("weights are one number for each draw", points, fine, weights=-np.ones(200))
    refused("nothing to learn", points, DrawAverages({"a": np.ones(200), "b": np.ones(200)}, 1, 0.0))
    refused("covariance of 2 x 2 policies", points, DrawAverages(means, 1, np.eye(3)))
    refused("negative variance", points, DrawAverages(means, 1, -1.0))
    refused("each needs at least one", points, DrawAverages(means, 0, 0.0))
