"""Parameter draws and replicates for the questions that are asked of many draws, and what to say of them.

`source` is "posterior" or "prior" throughout. Imports are late, so that a command can name these functions at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.experiments.core.sampled_futures import SampledFutures


def sample(draws: int, replicates: int, seed: int, source: str = "posterior") -> SampledFutures:
    """Parameter draws, each run in replicates of its own; the seed chooses the draws of the posterior.

    Raises InputError for one default set of parameters.
    """
    from simulator.experiments.core.sampled_futures import repeat_draws, sample_futures
    from simulator.studies.model_function import draw_posterior_points, list_parameter_factors

    refuse_default(source)
    if source == "posterior":
        return repeat_draws(draw_posterior_points(draws, seed=seed), seed, replicates)
    return sample_futures(list_parameter_factors(), draws, seed, replicates)


def sample_first_draws(draws: int, replicates: int, seed: int, source: str) -> SampledFutures:
    """The first draws of the posterior whatever the seed, or draws of the priors, each run in replicates of its own.

    Raises InputError for one default set of parameters, and for more draws than there are.
    """
    from simulator.studies.scenario_runs import sample_posterior_futures, sample_prior_futures

    refuse_default(source)
    draw = sample_posterior_futures if source == "posterior" else sample_prior_futures
    return draw(draws, replicates, seed)


def refuse_default(source: str) -> None:
    """Refuse one default set of parameters where draws are needed. Raises InputError."""
    if source == "default":
        raise InputError("one default set of parameters cannot say how sure an answer is; ask for posterior or prior")


def check_draws(draws: int, source: str) -> None:
    """Refuse more draws than the posterior holds where each must have parameters of its own. Raises InputError."""
    from simulator.runs.posterior import current_posterior

    if source == "posterior" and draws > (most := len(current_posterior())):
        raise InputError(
            f"the posterior holds {most:,} draws; ask for no more of them, and for more replicates of each instead"
        )


def describe_own_boards(table: Boards) -> str:
    """What to add to a badge for a table of boards of one's own; nothing for the 42."""
    from simulator.boards.table import read_boards

    own = table.fingerprint != read_boards().fingerprint
    return f"; boards: {table.source} (fingerprint {table.fingerprint})" if own else ""


def describe_sample(source: str, draws: int, replicates: int, seed: int, boards: Boards | None = None) -> str:
    """What stands beside an answer: how many draws and replicates, of which boards, and how parameters are known."""
    from simulator.runs.futures import draw_futures

    each = f" with {replicates} replicates each" if replicates > 1 else ""
    own = describe_own_boards(boards) if boards is not None else ""
    return f"{draws:,} parameter draws{each}, seed {seed}; {draw_futures(1, source=source).badge}{own}"
