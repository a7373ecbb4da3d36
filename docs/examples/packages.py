# %% [markdown]
# # What is the cheapest package of levers?
#
# What levers cost is for you to say, in any unit: no cost is built in. Here a ring-fence at full strength costs 1, and
# a leadership programme that closes 45% of the gap costs 2; a part of the way costs the same part.

# %%
import simulator as rf
from simulator.experiments.core.sampled_futures import SampledFutures
from simulator.experiments.tradeoffs.package_search import PackageAim, PackageSearch, PricedLever, search_packages
from simulator.studies.model_function import ModelFunction
from simulator.studies.scenario_runs import sample_posterior_futures

levers = [PricedLever("ringfence", 0, 1, cost=1), PricedLever("leader_lift", 0, 0.45, cost=2)]

# %% [markdown]
# Today's rules hold a national waiver that lifts ring-fences: under it a ring-fence does nothing at all. So the waiver
# is held off in every package, which by itself changes nothing.

# %%
policy = rf.load_scenario("baseline").with_lever("waiver", 0)
model = ModelFunction(policy, ("retained",))

# %% [markdown]
# The best of many packages in some worlds is also the luckiest of many. So half of the parameter draws are for the
# search and the other half, with new luck, for the figures that count.

# %%
both = sample_posterior_futures(draws=160)
search, fresh = (
    SampledFutures({name: column[rows] for name, column in both.points.items()}, both.seeds[rows], both.draws[rows])
    for rows in (slice(80), slice(80, None))
)
about = rf.OUTCOMES["retained"]
aim = PackageAim("retained", about.better, unit=about.unit)
found = search_packages(model, levers, aim, search, fresh, PackageSearch(most=36))
print(found.answer(0.85))
print(found.sentence)
print(found.to_frame().query("on_front").round(3).to_string(index=False))
