"""Parameter sets: records for the drivers, made from defaults, settings, priors or the fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from simulator.common import numbers
from simulator.common.errors import InputError
from simulator.common.near_names import suggest
from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS, POINT_DTYPE, Parameters
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.runs.posterior import BIAS, BLOCK, ROW, Posterior, current_posterior

if TYPE_CHECKING:
    import pandas as pd

Records = NDArray[np.void]
FIRST_DRAW = "first draw of the posterior"
"""The address of the number that says with which draw of each block a seed begins."""

UNCERTAIN = tuple(name for name, d in PARAMETERS.items() if d.about.prior is not None)


def check_settings(settings: Mapping[str, float]) -> None:
    """Raises one ValueError that lists all unknown parameters and all values out of bounds."""
    problems = []
    for name, value in settings.items():
        if name not in PARAMETERS:
            problems.append(f"'{name}' is not a parameter{_say_what_it_is(name)}")
            continue
        about = PARAMETERS[name].about
        if not isinstance(value, (int, float, np.number)) or isinstance(value, bool):
            problems.append(f"{name} = {value!r} is not a number")
        elif not about.low <= value <= about.high:
            problems.append(f"{name} = {value} is outside {about.low} to {about.high}")
    if problems:
        raise InputError("; ".join(problems))


def _say_what_it_is(name: str) -> str:
    """What to do with a name that is no parameter: a lever belongs to a scenario."""
    if name in LEVERS:
        return f" but a lever, which a scenario sets: rf.load_scenario(...).with_lever('{name}', value)"
    return suggest(name, PARAMETERS) or "; see: ringfence reference parameters"


def make_point(settings: Mapping[str, float] | None = None) -> Any:
    """The default draw, with some parameters set by name: one POINT_DTYPE record. Raises ValueError."""
    return make_points(1, settings)[0]


def make_points(n: int, settings: Mapping[str, float] | None = None) -> Records:
    """`n` copies of the default draw with settings: shape (n,)."""
    check_settings(settings or {})
    records = np.zeros(n, POINT_DTYPE)
    for name, d in PARAMETERS.items():
        records[d.group][name] = (settings or {}).get(name, d.default)
    return records


def prior_points(n: int, seed: int, settings: Mapping[str, float] | None = None, first: int = 0) -> Records:
    """Rows `first` to `first + n` of the draws from the priors, clipped to the bounds, settings held: shape (n,).

    Each number is addressed by (seed, row, name), so a row is the same whatever `n`, whoever computes it, and whatever
    other parameters are declared.
    """
    records = make_points(n, settings)
    for name in UNCERTAIN:
        if name not in (settings or {}):
            records[PARAMETERS[name].group][name] = _prior_draws(name, n, seed, first)
    return records


def list_unfitted() -> tuple[str, ...]:
    """Uncertain parameters that the present fit does not know, since they were declared after it or by a plug-in."""
    return tuple(name for name in UNCERTAIN if name not in current_posterior().draws)


def prior_columns(names: Sequence[str], n: int, seed: int = 0) -> dict[str, NDArray[np.float64]]:
    """`n` draws of each parameter from its prior, held to its bounds: one column (n,) a name."""
    return {name: _prior_draws(name, n, seed, 0) for name in names}


def _prior_draws(name: str, n: int, seed: int, first: int) -> NDArray[np.float64]:
    about = PARAMETERS[name].about
    assert about.prior is not None
    return np.clip(about.prior.quantile(draw_uniforms(n, seed, name, first)), about.low, about.high)


def posterior_columns(
    n: int, seed: int, first: int = 0, posterior: Posterior | None = None
) -> dict[str, NDArray[np.float64]]:
    """Draws `first` to `first + n` of a posterior, by default the present one: one column (n,) a parameter, and the
    volunteers' bias.

    Draws come in blocks of a thousand, each in random order and a fair sample by itself. The seed says with which draw
    of each block to begin; a thousand draws go once round the first block, the next thousand round the second, and so
    on. After the last block they begin again. A parameter that is younger than the fit is drawn from its prior.
    """
    rows = posterior_rows(n, seed, first, posterior)
    return {name: column[rows] for name, column in posterior_draws(posterior).items()}


def posterior_rows(n: int, seed: int, first: int = 0, posterior: Posterior | None = None) -> NDArray[np.int64]:
    """Where those draws stand among all draws of the posterior: shape (n,)."""
    size = len(posterior or current_posterior())
    block = min(BLOCK, size)
    begin = int(draw_uniforms(1, seed, FIRST_DRAW)[0] * block)
    wanted = np.arange(first, first + n)
    return np.asarray(wanted // block % (size // block) * block + (begin + wanted) % block, np.int64)


def posterior_draws(posterior: Posterior | None = None) -> dict[str, NDArray[np.float64]]:
    """All draws of a posterior, by default the present one, in their order.

    A parameter that is younger than the fit is drawn from its prior.
    """
    chosen = posterior or current_posterior()
    fitted = {name: column for name, column in chosen.draws.items() if name != ROW}
    return fitted | prior_columns([name for name in UNCERTAIN if name not in fitted], len(chosen))


def posterior_points(
    n: int,
    seed: int,
    settings: Mapping[str, float] | None = None,
    first: int = 0,
    posterior: Posterior | None = None,
) -> Records:
    """Draws `first` to `first + n` of a posterior, by default the present one, settings held: shape (n,)."""
    columns = posterior_columns(n, seed, first, posterior)
    records = make_points(n, settings)
    for name in UNCERTAIN:
        if name not in (settings or {}):
            records[PARAMETERS[name].group][name] = columns[name]
    return records


def to_parameters(record: Parameters | np.void) -> Parameters:
    """A record as groups of plain numbers, as the Mesa boards read them."""
    if isinstance(record, Parameters):
        return record
    kinds = get_type_hints(Parameters).values()
    return Parameters(*(kind(*values) for kind, values in zip(kinds, record.item(), strict=True)))


def to_records(table: Mapping[str, Sequence[float]] | Any) -> Records:
    """A table of parameters (mapping or data frame, one column for each parameter) as records; the rest are defaults.

    A fit's draws are such a table: what they hold beside the model's parameters is passed over.
    Raises ValueError, which names unknown columns and rows out of bounds.
    """
    if isinstance(table, str | bytes) or not hasattr(table, "__getitem__") or not hasattr(table, "keys"):
        raise InputError("a table of parameters is a data frame or a mapping from a parameter's name to its values")
    repeated = [name for name, times in Counter(map(str, table)).items() if times > 1]
    if repeated:
        raise InputError(f"the table has the column {', '.join(map(repr, repeated))} more than once; keep one of each")
    columns = {str(name): _column(str(name), table[name]) for name in table if name not in (BIAS, ROW)}
    lengths = {len(column) for column in columns.values()}
    if lengths in ({0}, set()):
        raise InputError("the table of parameters is empty; give a column for each parameter and a row for each future")
    if len(lengths) != 1:
        raise InputError("all columns of a table of parameters need the same number of rows")
    blanks = [name for name, column in columns.items() if np.isnan(column).any()]
    if blanks:
        raise InputError(f"blank values in {', '.join(blanks)}")
    for edge in (np.min, np.max):
        check_settings({name: float(edge(column)) for name, column in columns.items()})
    records = make_points(lengths.pop())
    for name, column in columns.items():
        records[PARAMETERS[name].group][name] = column
    return records


def _column(name: str, values: Any) -> NDArray[np.float64]:
    """One column of numbers; text is read as everywhere. Raises ValueError that names the column and the row."""
    column = np.atleast_1d(np.asarray(values))
    if column.ndim > 1:
        raise InputError(f"{name}: each row holds several values; give one number for each row")
    if column.dtype.kind in "biuf":
        return column.astype(np.float64)
    numbers_read = np.empty(len(column))
    for row, value in enumerate(column):
        try:
            numbers_read[row] = np.nan if value is None or value != value else numbers.parse_number(value)
        except (numbers.NotReadableError, TypeError) as problem:
            message = problem if isinstance(problem, numbers.NotReadableError) else "it is blank"
            raise InputError(f"{name}, row {row}: {message}") from None
    return numbers_read


def to_frame(records: Records) -> pd.DataFrame:
    """Points as a pandas data frame, one column for each parameter, one row for each point."""
    import pandas as pd

    return pd.DataFrame({name: np.atleast_1d(records[d.group][name]) for name, d in PARAMETERS.items()})
