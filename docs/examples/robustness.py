# %% [markdown]
# # Which policy is robust?
#
# Nobody knows the model's parameters for certain. A policy is robust if it does well whichever of them are true. Here
# three policies meet the same draws of the parameters and the same luck, so that only the policy differs.

# %%
import simulator as rf
from simulator.experiments.decision.robustness import assess_robustness, compute_regret
from simulator.studies.scenario_runs import (
    assess_structures,
    index_by_title,
    run_scenarios,
    sample_posterior_futures,
    sample_structural_futures,
)

policies = index_by_title(["ringfence", "leadership", "stability"])
worlds = sample_posterior_futures(draws=120, replicates=5)
table = run_scenarios(policies, worlds, "retained")

# %% [markdown]
# Worlds of one draw are averaged over their luck: luck cannot be foreseen, so no policy is to be blamed for it. Regret
# is what the best policy for the same parameters would have gained. The threshold counts worlds in which at least 80%
# of the money is still there at the year end.

# %%
about = rf.OUTCOMES["retained"]
found = assess_robustness(table, better=about.better, draws=worlds.draws, threshold=0.8, unit=about.unit)
print(found.sentence)
columns = ["policy", "mean", "high_regret", "worst_regret", "mean_regret", "best", "meets"]
print(found.to_frame()[columns].round(3).to_string())

# %% [markdown]
# With a single run a draw, luck would count as regret. All policies meet the same luck, which keeps that small here.

# %%
single = {name: column[::5] for name, column in table.items()}
blamed = {name: regret.mean() for name, regret in compute_regret(single, about.better).items()}
for standing in found.standings:
    print(f"{standing.policy}: mean regret {standing.mean_regret:.3f}, with luck in it {blamed[standing.policy]:.3f}")

# %% [markdown]
# Would another way to write the model change the choice? Every structural alternative was fitted to the same findings
# and has its own draws. Listed are the policies that cannot be ruled out as best under each.

# %%
drawn = sample_structural_futures(draws=25, replicates=2)
parts = assess_structures(run_scenarios(policies, drawn.futures, "retained"), drawn, "retained")
for structure, part in parts.items():
    print(f"{structure}: {', '.join(part.in_the_running)}")
