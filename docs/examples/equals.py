# %% [markdown]
# # What equals what?
#
# Two policies are easier to weigh when one is measured in the other. How much of a leadership programme does as much
# for the money as a ring-fence that is never waived? Nobody knows the model's parameters, so the answer is not one
# number: every set of parameters that the published findings leave possible has its own, and some have none.

# %%
import simulator as rf
from simulator.experiments.core.sampled_futures import repeat_draws
from simulator.experiments.tradeoffs.equivalence import find_equivalence
from simulator.studies.break_even import find_break_even
from simulator.studies.equivalence import make_lever_question
from simulator.studies.model_function import ModelFunction, draw_posterior_points

# %% [markdown]
# The model as a function: levers are moved from 2027/28 on, and the outcome is the share of the fund that is still
# there at the year end. Forty parameter sets run with two replicates each. That is few, to be quick; ask for 200 or
# more when it matters.

# %%
model = ModelFunction(outcomes=("retained",))
worlds = repeat_draws(draw_posterior_points(40), seed=1, replicates=2)

# %% [markdown]
# The question names the lever and what it is to equal. The amounts to try begin at today's value.

# %%
question = make_lever_question(model, "leader_lift", {"ringfence": 1.0, "waiver": 0.0}, worlds, steps=9)
found = find_equivalence(model, question, worlds, times=200)
print(rf.LEVERS["leader_lift"].about.meaning)
print(found.sentence)

# %% [markdown]
# The 95% interval says how well forty sets pin the average down: more sets make it narrower. The range from set to set
# is another matter. It is what is not known, and no amount of computing makes it smaller. One row a set:

# %%
print(found.to_frame().head())

# %% [markdown]
# ## Break-even enforcement
#
# People who were interviewed put leadership above the ring-fence of 2022/23. That ring-fence could be waived, was
# waived, and nobody audited it. So the fair question is how firmly a ring-fence must be enforced to equal a gain in
# leadership, and the answer must always show all three kinds: one that can be waived, one that is never waived, and
# one that is audited.

# %%
both_sides = find_break_even(model, worlds, times=200)
print(both_sides.sentence)
for duel in both_sides.duels:
    low, high = duel.interval
    print(f"{duel.fence}: leadership does more in {duel.more} of {duel.draws} sets ({low:.0%} to {high:.0%})")
