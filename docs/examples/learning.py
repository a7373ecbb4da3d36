# %% [markdown]
# # What evidence would change our mind?
#
# Before choosing, one could try to learn more. Knowing a parameter is worth something only if some of its values would
# lead to another choice. The value of information puts a size on that, in the unit of the outcome.

# %%
import simulator as rf
from simulator.calibration.evidence_status import list_badges
from simulator.experiments.core.replicate_average import average_over_replicates
from simulator.experiments.decision.switching_value import find_switching_value
from simulator.experiments.decision.value_of_information import estimate_value_of_information
from simulator.studies.scenario_runs import group_parameters, index_by_title, run_scenarios, sample_posterior_futures

policies = index_by_title(["ringfence", "leadership"])
worlds = sample_posterior_futures(draws=400, replicates=5)
averages = average_over_replicates(run_scenarios(policies, worlds, "retained"), worlds.draws)
points = averages.at_draws(worlds.points)

# %% [markdown]
# Each question names parameters that would be known together: single ones, or the groups that the model declares. Two
# figures bracket every value. The lower is judged on draws that its fit has not seen, the higher on its own draws.

# %%
names = ["enforcement_start", "pull_chief", "pull_ringfence", "slip", "peer_pull"]
questions = {name: [name] for name in names} | {"plans": group_parameters()["plans"]}
about = rf.OUTCOMES["retained"]
worth = estimate_value_of_information(
    points, averages, better=about.better, questions=questions, unit=about.unit, times=50
)
print(worth.sentence)
print(worth.to_frame().drop(columns="factors").round(4).to_string())

# %% [markdown]
# Where would the choice turn? Only parameters that are worth something have such a value.

# %%
for name in names:
    turn = find_switching_value(points[name], averages, better=about.better, times=50)
    told = f"choose {turn.sentence}" if turn else "the choice does not turn on it"
    print(f"{name} ({list_badges()[name]}): {told}")
