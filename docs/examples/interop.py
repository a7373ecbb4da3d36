# %% [markdown]
# # The model in other people's tools
#
# Names, bounds and priors are declared once, so the model can be handed to the tools that you know: SALib, the EMA
# Workbench, Mesa, pandas and xarray. All of them get the same numbers.

# %%
import mesa
import numpy as np
from SALib.analyze import sobol as sobol_analysis
from SALib.sample import sobol as sobol_sample

import simulator as rf
from simulator.experiments.core.replicate_average import ReplicateAverage
from simulator.experiments.core.sweep import SweepTable
from simulator.studies.model_function import ModelFunction, list_lever_factors, list_parameter_factors
from simulator.studies.tool_adapters import label_sweep, make_ema_model, make_salib_problem, read_salib_sample

model = ModelFunction(rf.load_scenario("ringfence"), ("retained", "raided"))

# %% [markdown]
# ## SALib
#
# A third of the priors are beta distributions, which SALib does not have. So its sample runs over probabilities, and
# `read_salib_sample` turns them into values. Every row is the mean over eight replicates, the same ones for all rows.
# These are priors: under the posterior parameters depend on each other, and Sobol indices mean nothing.

# %%
factors = list_parameter_factors(["pull_ringfence", "enforcement_start", "pull_chief"])
problem = make_salib_problem(factors, probabilities=True)
sample = sobol_sample.sample(problem, 32, seed=1)
points = read_salib_sample(factors, sample, probabilities=True)
seeds = np.zeros(len(sample), np.int64)
outcomes = ReplicateAverage(model, 8)(points, seeds)
indices = sobol_analysis.analyze(problem, outcomes["retained"], seed=1)
for name, total, error in zip(problem["names"], indices["ST"], indices["ST_conf"], strict=True):
    print(f"{name}: total effect {total:.2f} ± {error:.2f}")

# %% [markdown]
# ## pandas and xarray
#
# Rows and outcomes together are a table; as an xarray Dataset it knows units and meanings.

# %%
table = SweepTable(points, seeds, outcomes)
print(table.to_frame().describe().round(2).loc[["mean", "min", "max"]].to_string())
print(label_sweep(table)["retained"].attrs)

# %% [markdown]
# ## EMA Workbench
#
# Parameters become uncertainties with their priors and levers become levers. The workbench is an optional extra:
# `pip install ringfence[ema]`.

# %%
try:
    workbench = make_ema_model(
        model, uncertainties=factors, levers=list_lever_factors(["leader_lift", "committee"]), replicates=4
    )
except ImportError as missing:
    print(missing)
else:
    from ema_workbench import SequentialEvaluator

    with SequentialEvaluator(workbench) as evaluator:
        experiments, results = evaluator.perform_experiments(scenarios=5, policies=2)
    print(experiments[["pull_chief", "leader_lift"]].assign(retained=results["retained"]).round(2).to_string())

# %% [markdown]
# ## Mesa
#
# The model itself is a Mesa model, so Mesa's own batches run it. One run takes as long as many compiled ones.

# %%
runs = mesa.batch_run(
    rf.HealthSystem, {"scenario": ["baseline", "ringfence"], "luck_seed": 1, "record": False}, number_processes=1,
    display_progress=False,
)  # fmt: skip
for row in runs:
    print(f"{row['scenario']}: {row['retained']:.0%} still there at the end of the last year")
