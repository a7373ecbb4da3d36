"""Other people's tools get the model's own numbers: SALib, the EMA Workbench, Mesa, pandas and xarray."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest

from simulator.agents.model import HealthSystem
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.priors import Beta, HalfNormal, LogNormal, Normal, Triangular, Uniform
from simulator.experiments.core.model_protocol import Factor
from simulator.experiments.core.sweep import SweepTable
from simulator.runs.futures import SEED
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.studies import tool_adapters
from simulator.studies.model_function import (
    ModelFunction,
    draw_posterior_points,
    list_lever_factors,
    list_parameter_factors,
)
from simulator.studies.tool_adapters import (
    label_sweep,
    make_ema_model,
    make_ema_scenarios,
    make_prior_sampler,
    make_salib_problem,
    read_salib_sample,
    to_ema,
)

pytestmark = pytest.mark.interface

MODEL = ModelFunction(outcomes=("retained", "raided"))
FACTORS = list_parameter_factors(["pull_chief", "slip", "gap_level"])
MIXED = (
    Factor("evenly", 2, 5, 3),
    Factor("narrow", 0, 9, 3, Uniform(2, 3)),
    Factor("normal", -1, 2, 0, Normal(0.5, 1)),
    Factor("half", 0, 4, 1, HalfNormal(1.5)),
    Factor("three", 0, 9, 3, Triangular(1, 2, 5)),
)


def test_a_model_function_loads_the_scenario_that_it_is_given_by_name() -> None:
    assert ModelFunction("leadership").policy.name == "leadership"  # type: ignore[arg-type]


# SALib.


@pytest.mark.parametrize("probabilities", [False, True])
def test_samples_of_salib_lie_within_the_bounds_and_the_model_runs_them(probabilities: bool) -> None:
    sample = pytest.importorskip("SALib.sample.sobol").sample
    factors = (*FACTORS, *list_lever_factors(["leader_lift"]))
    rows = sample(make_salib_problem(factors, probabilities=probabilities), 16, calc_second_order=False, seed=1)
    points = read_salib_sample(factors, rows, probabilities=probabilities)
    for factor in factors:
        assert factor.low <= points[factor.name].min() < points[factor.name].max() <= factor.high
    retained = MODEL(points, np.zeros(len(rows), np.int64))["retained"]
    assert retained.shape == (96,)
    assert np.ptp(retained) > 0.05


def test_salib_analyses_what_the_model_gives() -> None:
    analyze = pytest.importorskip("SALib.analyze.rbd_fast").analyze
    problem = make_salib_problem(FACTORS)
    rows = pytest.importorskip("SALib.sample.latin").sample(problem, 400, seed=2)
    model = MODEL(read_salib_sample(FACTORS, rows), np.zeros(400, np.int64))
    analysis = analyze(problem, rows, model["retained"], seed=1)
    assert analysis["names"] == ["pull_chief", "slip", "gap_level"]
    assert analysis["S1"][0] > 0.5 > 0.1 > analysis["S1"][1]


def test_priors_that_salib_knows_are_drawn_alike_but_for_their_ends() -> None:
    problem = make_salib_problem(MIXED)
    assert problem["dists"] == ["unif", "unif", "truncnorm", "truncnorm", "triang"]
    rows = pytest.importorskip("SALib.sample.latin").sample(problem, 4_000, seed=1)
    u = (np.arange(4_000) + 0.5) / 4_000
    for name, column in read_salib_sample(MIXED, rows).items():
        own = {f.name: f for f in MIXED}[name].quantile(u)
        inner = (own > own.min()) & (own < own.max())  # our draws are held at the bounds, SALib's cut off
        ours = own if name not in ("normal", "half") else own[inner]
        assert column.mean() == pytest.approx(ours.mean(), abs=0.02), name
        assert column.std() == pytest.approx(ours.std(), abs=0.02), name


@pytest.mark.parametrize(
    "prior", [Beta(2, 3), LogNormal(0, 1), Uniform(-1, 2), Triangular(-1, 0, 1)], ids=lambda p: type(p).__name__
)
def test_a_prior_that_salib_cannot_draw_is_refused_and_drawn_exactly_by_probabilities(prior: Any) -> None:
    factor = Factor("x", 0, 1, 0.5, prior)
    with pytest.raises(ValueError, match="no distribution for the priors of x: set probabilities=True"):
        make_salib_problem([factor])
    u = np.linspace(0.01, 0.99, 50)
    assert (read_salib_sample([factor], u[:, None], probabilities=True)["x"] == factor.quantile(u)).all()


def test_every_uncertain_parameter_can_be_sampled_by_probabilities() -> None:
    problem = make_salib_problem(list_parameter_factors(), probabilities=True)
    assert problem["names"] == list(UNCERTAIN)
    with pytest.raises(ValueError, match="set probabilities=True"):
        make_salib_problem(list_parameter_factors())


def test_a_sample_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit 3 factors"):
        read_salib_sample(FACTORS, np.zeros((5, 2)))
    with pytest.raises(ValueError, match="occurs twice"):
        make_salib_problem([*FACTORS, FACTORS[0]])


# EMA Workbench.


def workbench() -> Any:
    """The workbench, whose import warns of evaluators that are not installed."""
    with warnings.catch_warnings(), tool_adapters._frames_by_name():
        warnings.simplefilter("ignore")
        return pytest.importorskip("ema_workbench")


def run_workbench(model: Any, **options: Any) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    with workbench().SequentialEvaluator(model) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(**options)
    return experiments, outcomes


def test_the_workbench_gives_the_numbers_of_the_model_function() -> None:
    workbench()
    model = make_ema_model(
        MODEL, uncertainties=FACTORS, levers=list_lever_factors(["leader_lift", "committee"]), replicates=3
    )
    experiments, outcomes = run_workbench(model, scenarios=5, policies=2)
    assert len(experiments) == 10
    for row in range(10):
        names = [f.name for f in FACTORS] + ["leader_lift", "committee"]
        point = {name: np.full(3, float(experiments[name].iloc[row])) for name in names}
        expected = MODEL(point, np.arange(3))
        for name in ("retained", "raided"):
            assert outcomes[name][row] == expected[name].mean()


def test_the_workbench_draws_the_models_own_priors_within_their_bounds() -> None:
    workbench()
    from ema_workbench.em_framework.samplers import LHSSampler

    factors = list_parameter_factors()
    model = make_ema_model(MODEL, uncertainties=factors, levers=[])
    drawn = LHSSampler().generate_samples(list(model.uncertainties), 400)
    u = (np.arange(400) + 0.5) / 400
    for factor in factors:
        assert factor.low <= drawn[factor.name].min() <= drawn[factor.name].max() <= factor.high
        assert drawn[factor.name].mean() == pytest.approx(factor.quantile(u).mean(), rel=0.02, abs=0.02)
        declared = model.uncertainties[factor.name]
        assert (declared.lower_bound, declared.upper_bound) == (factor.low, factor.high)


@pytest.mark.parametrize("name", ["sobol", "morris", "fast"])
def test_samplers_for_sensitivity_draw_by_the_priors(name: str) -> None:
    workbench()
    model = make_ema_model(MODEL, uncertainties=MIXED, levers=list_lever_factors(["leader_lift"]))
    drawn = make_prior_sampler(name).generate_samples(list(model.uncertainties), 256)
    u = (np.arange(4_096) + 0.5) / 4_096
    for factor in MIXED:
        column, own = drawn[factor.name], factor.quantile(u)
        assert factor.low <= column.min() <= column.max() <= factor.high
        if name == "morris":  # a grid of four levels: its middle two are the thirds of the prior
            inner = np.quantile(column, [0.4, 0.6])
            assert inner == pytest.approx(factor.quantile(np.array([1 / 3, 2 / 3])), abs=1e-9)
        else:
            assert np.quantile(column, [0.25, 0.5, 0.75]) == pytest.approx(
                np.quantile(own, [0.25, 0.5, 0.75]), abs=0.05 * (factor.high - factor.low)
            )


def test_the_workbench_runs_a_sobol_design_by_the_priors_and_warns_where_its_own_passes_over_them() -> None:
    tools = workbench()
    from ema_workbench import Samplers

    model = make_ema_model(MODEL, uncertainties=FACTORS[:2], levers=[], replicates=1)
    with tools.SequentialEvaluator(model) as evaluator:
        made, _ = evaluator.perform_experiments(scenarios=8, uncertainty_sampling=make_prior_sampler("sobol"))
    assert len(made) == 8 * (2 * 2 + 2)
    with pytest.warns(UserWarning, match="draw evenly between bounds and ignore priors"):
        Samplers.SOBOL.value.generate_designs(list(model.uncertainties), 8)
    with pytest.raises(ValueError, match="'saltelli' is not a sampler; there are sobol, morris, fast"):
        make_prior_sampler("saltelli")


def test_by_default_the_workbench_knows_every_uncertain_parameter_and_lever() -> None:
    workbench()
    model = make_ema_model()
    assert {p.name for p in model.uncertainties} == set(UNCERTAIN)
    assert {p.name for p in model.levers} == set(LEVERS)
    assert {o.name for o in model.outcomes} == set(ModelFunction().outcomes)


def test_outcomes_are_maximised_or_minimised_as_they_are_declared() -> None:
    tools = workbench()
    model = make_ema_model(ModelFunction(outcomes=("retained", "raided", "turnover")), uncertainties=FACTORS, levers=[])
    kinds = tools.ScalarOutcome
    assert [o.kind for o in model.outcomes] == [kinds.MAXIMIZE, kinds.MINIMIZE, kinds.INFO]


def test_luck_can_be_an_uncertainty_of_the_workbench() -> None:
    workbench()
    model = make_ema_model(MODEL, uncertainties=FACTORS[:1], levers=[], replicates=None)
    experiments, outcomes = run_workbench(model, scenarios=4)
    point = {"pull_chief": experiments["pull_chief"].to_numpy(float)}
    expected = MODEL(point, experiments["luck"].to_numpy(np.int64))
    assert (outcomes["retained"] == expected["retained"]).all()
    assert experiments["luck"].nunique() == 4
    with pytest.raises(ValueError, match="one or more are needed"):
        make_ema_model(MODEL, replicates=0)


def test_draws_of_the_posterior_are_scenarios_of_the_workbench() -> None:
    workbench()
    drawn = draw_posterior_points(3)
    experiments, outcomes = run_workbench(
        make_ema_model(MODEL, levers=list_lever_factors(["leader_lift"]), replicates=2),
        scenarios=make_ema_scenarios(drawn),
        policies=[workbench().Policy("none", leader_lift=0.0)],
    )
    for row in range(3):
        point = {name: np.full(2, column[row]) for name, column in drawn.items()}
        assert outcomes["retained"][row] == MODEL(point, np.arange(2))["retained"].mean()
    assert list(experiments["slip"]) == list(drawn["slip"])


def test_the_workbench_can_send_the_model_to_another_process() -> None:
    workbench()
    model = make_ema_model(MODEL, uncertainties=FACTORS, levers=[], replicates=2)
    sent = pickle.loads(pickle.dumps(model))
    point = {f.name: f.default for f in FACTORS}
    assert sent.run_experiment(point) == model.run_experiment(point)


def test_without_the_workbench_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.studies.tool_adapters.import_module", _no_workbench)
    for ask in (lambda: make_ema_model(MODEL), lambda: make_ema_scenarios({})):
        with pytest.raises(ImportError, match=r"pip install ringfence\[ema\]"):
            ask()


def _no_workbench(name: str) -> Any:
    raise ModuleNotFoundError(f"No module named '{name}'")


def test_the_workbench_analyses_a_sweep_of_ours() -> None:
    workbench()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its analyses want plotting packages and older versions of pandas
        from ema_workbench.analysis.prim import Prim

        experiments, outcomes = to_ema(table(5))
        box = Prim(experiments, outcomes["retained"] < 0.6, threshold=0.5).find_box()
    assert box.coverage > 0.3
    assert list(experiments) == list(table(5).points)


# pandas and xarray.


def table(factors: int = len(UNCERTAIN)) -> SweepTable:
    names = ["pull_chief", "enforcement_start", *UNCERTAIN]
    points = {name: draw_posterior_points(300)[name] for name in names[: factors + 2]}
    seeds = np.arange(300)
    return SweepTable(points, seeds, MODEL(points, seeds))


def test_a_sweep_is_a_data_frame_and_a_dataset_with_the_same_numbers() -> None:
    sweep = table()
    frame, data = sweep.to_frame(), label_sweep(sweep)
    assert list(data.data_vars) == ["retained", "raided"]
    assert set(data.coords) == {"row", "seed", *sweep.points}
    for name in ("retained", "slip", "seed"):
        assert (data[name].values == frame[name].to_numpy()).all()
    assert data["retained"].attrs == {"units": "share", "long_name": OUTCOMES["retained"].label}
    assert data["slip"].attrs["long_name"]


def test_a_dataset_can_be_grouped_and_saved(tmp_path: Any) -> None:
    data = label_sweep(table())
    halves = data["retained"].groupby(data["enforcement_start"] > 0.3).mean()
    assert halves.sizes == {"enforcement_start": 2}
    data.to_netcdf(tmp_path / "sweep.nc", engine="h5netcdf")
    assert (tmp_path / "sweep.nc").stat().st_size > 1_000


# Mesa.


@pytest.mark.skipif(not hasattr(mesa, "batch_run"), reason="Mesa 4 took batch_run away")
def test_a_batch_of_mesa_over_settings_gives_the_numbers_of_the_model_function() -> None:
    settings = [{"pull_chief": 1.0}, {"pull_chief": 5.0}]
    rows = mesa.batch_run(
        HealthSystem,
        {"settings": settings, "luck_seed": SEED, "run": [0, 1], "record": False},
        number_processes=1,
        display_progress=False,
    )
    model = ModelFunction(outcomes=("retained",), years="2029/30")
    for row in rows:
        point = {name: np.array([value]) for name, value in row["settings"].items()}
        assert row["retained"] == model(point, np.array([row["run"]]))["retained"][0]
    assert len({row["retained"] for row in rows}) == 4
