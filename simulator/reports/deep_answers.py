"""The questions that experiments answer, asked of a report's own policies: each with its sentence and its command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from simulator.boards.table import Boards
from simulator.common.arrays import Floats
from simulator.common.representation import short_repr
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.core.clustered_errors import label_parameter_sets
from simulator.experiments.core.replicate_average import DrawAverages, average_over_replicates
from simulator.experiments.core.sampled_futures import SampledFutures
from simulator.experiments.decision.robustness import assess_robustness
from simulator.experiments.decision.value_of_information import estimate_value_of_information
from simulator.experiments.discovery.scenario_discovery import CaseDefinition, discover_scenario
from simulator.experiments.sensitivity.given_data import make_given_data
from simulator.experiments.sensitivity.main_effects import estimate_main_effects
from simulator.experiments.sensitivity.variance_split import split_variance
from simulator.experiments.tradeoffs.equivalence import find_equivalence
from simulator.runs.futures import draw_futures
from simulator.runs.recipe import Option, Recipe
from simulator.scenarios.scenario import Scenario
from simulator.studies.attribution import attribute_policy, split_policy
from simulator.studies.break_even import find_break_even
from simulator.studies.equivalence import make_lever_question
from simulator.studies.model_function import ModelFunction
from simulator.studies.scenario_runs import (
    find_years_of_change,
    group_parameters,
    index_by_title,
    run_scenarios,
    sample_posterior_futures,
)

OUTCOME = "retained"
DRAWS, REPLICATES = 300, 4
RINGFENCE = {"ringfence": 1.0, "waiver": 0.0}
HALF = 0.5
SAME_FUTURES: list[Option] = [("--draws", DRAWS), ("--replicates", REPLICATES)]


@dataclass(frozen=True)
class Asked:
    """A question, what the model says to it, and the command that says more; "" where no command takes these boards."""

    question: str
    answer: str
    command: str


@short_repr
@dataclass(frozen=True, eq=False)
class Setting:
    """What the questions are asked of: policies by title (today's rules first), futures, the outcome in each, areas.

    `recipe` says how commands name them.
    """

    policies: Mapping[str, Scenario]
    futures: SampledFutures
    table: Mapping[str, Floats]
    areas: Boards
    seed: int
    recipe: Recipe

    def command(self, words: str, policies: Sequence[Scenario], options: Sequence[Option]) -> str:
        """The command that asks the same question of the same boards."""
        return self.recipe.question(words, [self.recipe.name_of(policy) for policy in policies], options)

    @property
    def years(self) -> str:
        """The years that all answers are about."""
        return find_years_of_change(self.policies.values())

    @property
    def last(self) -> tuple[str, Scenario]:
        """The last policy, which the questions about a single one are asked of."""
        return list(self.policies.items())[-1]

    @property
    def difference(self) -> Floats:
        """What the last policy adds to today's rules in every future."""
        first, *_, last = self.table.values()
        return last - first

    @cached_property
    def averages(self) -> DrawAverages:
        """The table averaged over the replicates of each draw."""
        return average_over_replicates(self.table, self.futures.draws)

    @property
    def model(self) -> ModelFunction:
        return ModelFunction(outcomes=(OUTCOME,), areas=self.areas)


def ask(
    scenarios: Sequence[Scenario], areas: Boards, seed: int, recipe: Recipe, progress: Progress | None = None
) -> list[Asked]:
    """Ask every question about today's rules and these policies, in 300 parameter draws with four replicates each.

    A question that cannot be asked of them, such as which part did it of a policy with one part, is left out.
    `progress(done, total)` counts questions. Raises as `run_scenarios`.
    """
    policies = index_by_title(scenarios)
    futures = sample_posterior_futures(DRAWS, REPLICATES, seed)
    setting = Setting(policies, futures, run_scenarios(policies, futures, OUTCOME, areas=areas), areas, seed, recipe)
    answers = []
    for done, question in enumerate(QUESTIONS, 1):
        answers += question(setting)
        if progress:
            progress(done, len(QUESTIONS))
    return answers


def _answer_equals(s: Setting) -> list[Asked]:
    answer = find_equivalence(s.model, make_lever_question(s.model, "leader_lift", RINGFENCE, s.futures), s.futures)
    command = s.command("equals leader_lift --to ringfence=1 --to waiver=0", (), SAME_FUTURES)
    return [Asked("How much leadership equals a ring-fence?", answer.sentence, command)]


def _answer_break_even(s: Setting) -> list[Asked]:
    answer = find_break_even(s.model, s.futures, seed=s.seed)
    question = "How firmly must a ring-fence be enforced to equal leadership?"
    return [Asked(question, answer.sentence, s.command("equals --break-even", (), SAME_FUTURES))]


def _answer_attribution(s: Setting) -> list[Asked]:
    title, policy = s.last
    try:
        package = split_policy(policy.reference if "+" in policy.reference else policy)
    except ValueError:
        return []
    answer = attribute_policy(package, OUTCOME, drawn=draw_futures(DRAWS, seed=s.seed), areas=s.areas)
    command = s.command("attribute", [policy], [("-n", DRAWS)])
    return [Asked(f"Which part of “{title}” did it?", answer.sentence, command)]


def _split(s: Setting) -> list[Asked]:
    title, policy = s.last
    answer = split_variance(s.difference, s.futures.draws, f"what “{title}” adds", seed=s.seed, sets=s.futures.sets)
    command = s.command("split", [policy], [("--years", s.years), *SAME_FUTURES])
    return [Asked("Chance, or not knowing?", answer.sentence, command)]


def _answer_what_matters(s: Setting) -> list[Asked]:
    title, policy = s.last
    first, *_, last = s.averages.means.values()
    points = s.averages.at_draws(s.futures.points)
    sample = make_given_data(points, last - first, f"{title}, less today", sets=label_parameter_sets(points))
    options: list[Option] = [
        ("--against", "baseline"),
        ("--years", s.years),
        ("--size", DRAWS),
        ("--replicates", REPLICATES),
    ]
    command = s.command("sensitivity", [policy], options)
    return [Asked("What matters?", estimate_main_effects(sample, seed=s.seed).sentence, command)]


def _answer_where_it_fails(s: Setting) -> list[Asked]:
    first = next(iter(s.table))
    about = OUTCOMES[OUTCOME]
    points = s.averages.at_draws(s.futures.points)
    sample = make_given_data(points, s.averages.means[first], about.label.lower(), sets=label_parameter_sets(points))
    if not (sample.values < HALF).any():
        return []
    try:
        answer = discover_scenario(sample, CaseDefinition(HALF, True, about.change_unit), seed=s.seed)
    except ValueError:  # too few failures, or too few others, to look for what they share
        return []
    options: list[Option] = [
        ("--below", HALF),
        ("--source", "posterior"),
        ("--years", s.years),
        ("--points", DRAWS),
        ("--replicates", REPLICATES),
    ]
    command = s.command("discover", [s.policies[first]], options)
    return [Asked(f"Where does “{first}” keep less than half?", answer.sentence, command)]


def _answer_robust(s: Setting) -> list[Asked]:
    about = OUTCOMES[OUTCOME]
    answer = assess_robustness(
        s.table, better=about.better, draws=s.futures.draws, unit=about.change_unit, sets=s.futures.sets
    )
    return [Asked("Which policy is robust?", answer.sentence, _write_choice_command(s, "robust"))]


def _learn(s: Setting) -> list[Asked]:
    about = OUTCOMES[OUTCOME]
    points = s.averages.at_draws(s.futures.points)
    single = {name: [name] for group in group_parameters().values() for name in group}
    answer = estimate_value_of_information(
        points,
        s.averages,
        better=about.better,
        questions=single,
        unit=about.change_unit,
        times=50,
        seed=s.seed,
        sets=label_parameter_sets(points),
    )
    return [Asked("What evidence would change the choice?", answer.sentence, _write_choice_command(s, "learn"))]


def _write_choice_command(s: Setting, words: str) -> str:
    """A command that chooses between all policies, on one's own boards too."""
    return s.recipe.question(words, [s.recipe.name_of(policy) for policy in s.policies.values()], SAME_FUTURES)


QUESTIONS: tuple[Callable[[Setting], list[Asked]], ...] = (
    _answer_equals,
    _answer_break_even,
    _answer_attribution,
    _split,
    _answer_what_matters,
    _answer_where_it_fails,
    _answer_robust,
    _learn,
)
