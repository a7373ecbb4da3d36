# %% [markdown]
# # What matters?
#
# Ninety numbers of the model are not known. Which of them decide how much of the money is still there at the year end
# under a ring-fence? Three methods look at this from three sides. All sizes here are small, so that the page runs in
# seconds; `ringfence sensitivity ringfence` takes larger ones.

# %%
import simulator as rf
from simulator.calibration.evidence_status import list_badges
from simulator.experiments.core.paired_difference import PairedDifference
from simulator.experiments.core.sweep import make_fresh_seeds
from simulator.experiments.sensitivity.given_data import make_given_data
from simulator.experiments.sensitivity.main_effects import estimate_main_effects
from simulator.experiments.sensitivity.morris import run_morris
from simulator.experiments.sensitivity.sobol import run_sobol
from simulator.studies.model_function import ModelFunction, draw_posterior_points, list_factors, list_parameter_factors

ringfence = ModelFunction(rf.load_scenario("ringfence"), outcomes=("retained",))

# %% [markdown]
# ## Before the findings: screening, then shares of variance
#
# Morris' walks move one number at a time under one luck, so that a number which does nothing changes nothing. Most do
# nothing, and a few matter.

# %%
screening = run_morris(ringfence, list_parameter_factors(), "retained", n=8, seed=1)
print(screening.sentence)
leading = screening.to_frame()["name"].head(4).tolist()

# %% [markdown]
# Sobol' indices share out the variance among those few, with luck as one more factor. They say themselves whether they
# have settled: these have not, with so few runs.

# %%
indices = run_sobol(ringfence, list_factors(leading), "retained", start=64, most=128, seed=1)
print(indices.sentence)
table = indices.to_frame().assign(known_from=lambda frame: frame["name"].map(list_badges()).fillna("chance"))
print(table[["name", "first", "total", "total_half_width", "known_from"]].round(2).to_string(index=False))

# %% [markdown]
# ## After the findings: main effects of the posterior
#
# Once the model is fitted, parameters vary together, and Sobol' indices no longer have a meaning. Main effects still
# do: how much of the variance would learning one number take away? With a scenario to compare with, the question is
# about the difference that the policy makes, under the same luck.

# %%
effect_of_rule = PairedDifference(ringfence, ModelFunction(outcomes=("retained",)))
points = draw_posterior_points(600)
values = effect_of_rule(points, make_fresh_seeds(600, seed=1))["retained"]
effects = estimate_main_effects(make_given_data(points, values, "the effect of the ring-fence"), times=30)
print(effects.sentence)

# %% [markdown]
# What is not clear of noise is not known to be small; it is not known.

# %%
print(effects.to_frame().head(5).round(3).to_string(index=False))
