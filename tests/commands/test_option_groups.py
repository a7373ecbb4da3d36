"""Options that commands take together stand on every command one by one, each where its group stands."""

import inspect

import pytest

from simulator.commands.shared import options
from simulator.commands.shared.option_groups import AnswerOptions, DrawOptions, spread_groups

pytestmark = pytest.mark.interface


@spread_groups
def count(draws: options.Draws = 10, *, drawn: DrawOptions, most: int = 3, output: AnswerOptions) -> None:
    """A command."""
    seen.append((draws, drawn, most, output))


seen: list[tuple[int, DrawOptions, int, AnswerOptions]] = []


def test_a_command_has_the_options_of_its_groups_in_the_order_of_its_own() -> None:
    names = ["draws", "seed", "source", "boards", "evidence", "fitted", "most", "as_json", "as_csv", "out", "crate"]
    assert list(inspect.signature(count).parameters) == names
    assert (count.__name__, count.__doc__) == ("count", "A command.")


def test_a_group_reaches_the_command_whole() -> None:
    count(draws=12, seed=5, source=options.Source.PRIOR, boards=None, most=4, as_json=True, as_csv=False, out=None)
    assert seen.pop() == (12, DrawOptions(5, options.Source.PRIOR), 4, AnswerOptions(as_json=True))


def test_options_that_are_not_given_have_the_defaults_of_their_group() -> None:
    count(draws=12)
    assert seen.pop() == (12, DrawOptions(), 3, AnswerOptions())


def test_two_groups_may_not_share_an_option() -> None:
    def confused(*, drawn: DrawOptions, again: DrawOptions) -> None: ...

    with pytest.raises(ValueError, match="seed"):
        spread_groups(confused)


def test_an_option_that_the_signature_does_not_name_is_refused() -> None:
    with pytest.raises(TypeError, match="sead"):
        count(draws=12, sead=5)
