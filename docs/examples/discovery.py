# %% [markdown]
# # Where does it fail?
#
# A ring-fence keeps more of the money on average. In which part of what is not known does it keep less than half? Each
# point is a draw of the parameters from their priors, with luck of its own; scenario discovery looks for a box in a
# few of them that holds most of the failures.

# %%
import simulator as rf
from simulator.common.units import Unit
from simulator.experiments.discovery.scenario_box import BoxSearch
from simulator.experiments.discovery.scenario_discovery import CaseDefinition, discover_scenario
from simulator.experiments.discovery.tree_opinion import grow_tree_opinion
from simulator.experiments.sensitivity.given_data import draw_given_data
from simulator.studies.model_function import ModelFunction, list_factors

ringfence = ModelFunction(rf.load_scenario("ringfence"), outcomes=("retained",))
names = ["plan_base", "pull_pressure", "pull_ringfence", "enforcement_start", "false_negative"]
sample = draw_given_data(ringfence, list_factors(names), "retained", n=1_000, seed=1)

# %%
found = discover_scenario(sample, CaseDefinition(0.5, below=True, unit=Unit.SHARE), search=BoxSearch(halves=20), seed=1)
print(found.sentence)

# %% [markdown]
# Every limit that the search drew is listed, with the chance of so dense a box if the limit made no difference, and how
# often halves of the points show it again. Limits that are noise are dropped from the box.

# %%
print(found.to_frame().round(3).to_string(index=False))

# %% [markdown]
# A small decision tree, grown on one half of the points and tried on the other, gives a second opinion.

# %%
print(grow_tree_opinion(sample, found, seed=1).sentence)

# %% [markdown]
# The box can be handed to the EMA Workbench.

# %%
print(found.boxes_to_frame())
