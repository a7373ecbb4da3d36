# %% [markdown]
# # Which lever did it?
#
# A package of policies brings so much; which part of it did the work? Taking parts away one at a time does not add up:
# parts that do the same job cover for each other, and parts that need each other are each counted for the whole. The
# fair shares are averages over every order in which the parts could have joined. They add up exactly, in every future.

# %%
import simulator as rf
from simulator.studies.attribution import attribute_policy, split_policy
from simulator.studies.component_kind import ComponentKind

# %% [markdown]
# A stack of three scenarios. All eight combinations meet the same hundred futures: the same parameters and the same
# luck.

# %%
futures = rf.draw_futures(100)
package = split_policy("ringfence+leadership+committee")
found = attribute_policy(package, "retained", drawn=futures, times=200)
print(found.sentence)

# %% [markdown]
# The total is what `compare` says of the whole package.

# %%
whole = rf.compare("ringfence+leadership+committee", futures=futures)
assert abs(found.total.mean - whole.difference) < 1e-12
print(found.to_frame()[["share", "share low", "share high", "alone", "last"]].round(3))

# %% [markdown]
# `alone` is what a part does without the others, `last` what would be lost without it. Where `last` is smaller than
# `alone`, the parts stand in for each other; the table of pairs says which.

# %%
print(found.pairs_frame()[["interaction", "interaction low", "interaction high"]].round(3))

# %% [markdown]
# One scenario can be taken apart too, into the levers that it moves. A label does little while a national waiver is in
# force, and lifting the waiver does nothing without a label. So neither can be said to have done it alone.

# %%
levers = attribute_policy(split_policy("ringfence", ComponentKind.LEVERS), "retained", drawn=futures, times=200)
print(levers.sentence)
