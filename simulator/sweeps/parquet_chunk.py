"""One chunk of a sweep as a Parquet file: the same columns in every file, a stamp that says which rows, and a checksum.

Columns are row, point, run and seed (whole numbers), factors and outcomes (floats; what is not defined is nan), and
failed (text, empty where nothing did). pandas, R and DuckDB read one file or all of a folder.

The checksum stands in the file's own metadata, so it comes and goes with the file in one step. It is the SHA-256 of the
file with 64 zeros where it stands itself.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.common.errors import InputError
from simulator.common.json_shape import describe_misfit, read_json
from simulator.experiments.core.sweep import SweepTable
from simulator.sweeps.documents import StampDocument
from simulator.sweeps.run_table import RunTable

COUNTERS = ("row", "point", "run", "seed")
_STAMP = b"ringfence"
_CHECKSUM, _MARK, _DIGITS = b"ringfence_checksum", b"ringfence-sha256:", 64
_STAMP_SHAPE = {"sweep": str, "chunk": int, "first": int, "last": int, "failed": str}


class DamagedError(InputError):
    """A file is not a whole chunk of a sweep, or was changed since it was written."""


@dataclass(frozen=True)
class Stamp:
    """What the file of a chunk says of itself: of which sweep, which rows, and why it failed if it did.

    `rows` is how many it holds; `checked` that it has a checksum, which is right.
    """

    sweep: str
    first: int
    last: int
    failed: str
    rows: int
    checked: bool


def pack_chunk(ran: RunTable, runs: int, stamp: StampDocument) -> bytes:
    """A table as the bytes of a Parquet file (zstd), with a stamp, and a checksum."""
    about = {_STAMP: json.dumps(stamp), _CHECKSUM: _MARK + b"0" * _DIGITS}
    file = io.BytesIO()
    write_arrow_table(to_arrow_table(ran, runs).replace_schema_metadata(about), file, ran)
    data = file.getvalue()
    at = data.rindex(_MARK) + len(_MARK)
    return data[:at] + _compute_checksum(data, at) + data[at + _DIGITS :]


def _compute_checksum(data: bytes, at: int) -> bytes:
    """SHA-256 of bytes with zeros in place of the checksum at `at`, as 64 hexadecimal digits."""
    view = memoryview(data)
    digest = hashlib.sha256(view[:at])
    digest.update(b"0" * _DIGITS)
    digest.update(view[at + _DIGITS :])
    return digest.hexdigest().encode()


def to_arrow_table(ran: RunTable, runs: int) -> Any:
    """A table of a sweep as an Arrow table, one row for each run: the columns of `RunTable.to_frame`, nan as null.

    Made from the memory of the arrays: every other way imports pandas, which takes a worker longer than many chunks.
    """
    table = ran.table
    rows = np.arange(table.first, table.first + len(table), dtype=np.int64)
    counters = zip(COUNTERS, (rows, rows // runs, rows % runs, table.seeds), strict=True)
    columns = {name: _to_arrow_numbers(values, pa.int64(), np.int64) for name, values in counters}
    outcomes = {_name_outcome_column(name, table): values for name, values in table.outcomes.items()}
    for name, values in {**table.points, **outcomes}.items():
        columns[name] = _to_arrow_numbers(values, pa.float64(), np.float64)
    return pa.Table.from_arrays([*columns.values(), _to_arrow_texts(ran.failed)], names=[*columns, "failed"])


def _to_arrow_numbers(values: np.ndarray, kind: Any, dtype: type[np.generic]) -> Any:
    numbers = np.ascontiguousarray(values, dtype)
    known = ~np.isnan(numbers)
    validity = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(kind, len(numbers), [validity, pa.py_buffer(numbers)])


def _to_arrow_texts(texts: Sequence[str]) -> Any:
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def write_arrow_table(table: Any, file: Any, like: RunTable) -> None:
    """Write an Arrow table as one Parquet file: counters as differences, floats by byte, what repeats once."""
    with open_writer(table.schema, file, like) as out:
        out.write_table(table)


def open_writer(schema: Any, file: Any, like: RunTable) -> Any:
    """A writer of Parquet files for tables of the columns that `like` has; pages carry checksums that others check."""
    outcomes = {_name_outcome_column(name, like.table) for name in like.table.outcomes}
    encodings = {"row": "DELTA_BINARY_PACKED", "point": "DELTA_BINARY_PACKED"}
    encodings |= dict.fromkeys(sorted(outcomes), "BYTE_STREAM_SPLIT")
    repeated = [name for name in schema.names if name not in encodings]
    return pq.ParquetWriter(
        file, schema, compression="zstd", use_dictionary=repeated, column_encoding=encodings, write_page_checksum=True
    )


def write_parquet(path: Path, tables: Iterable[RunTable], runs: int) -> None:
    """Write tables as one Parquet file, one row group each. Raises OSError."""
    out = None
    try:
        for ran in tables:
            part = to_arrow_table(ran, runs)
            out = out or open_writer(part.schema, str(path), ran)
            out.write_table(part)
    finally:
        if out:
            out.close()


def read_stamp(data: bytes) -> Stamp:
    """The stamp of a chunk, after its checksum was found right, if it has one. Raises DamagedError."""
    at = data.rfind(_MARK)
    start = at + len(_MARK)
    if at >= 0 and _compute_checksum(data, start) != data[start : start + _DIGITS]:
        raise DamagedError("its checksum is wrong")
    try:
        about = pq.read_metadata(pa.BufferReader(data))
        stamp = read_json((about.metadata or {})[_STAMP])
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise DamagedError("is no whole chunk of a sweep") from error
    if describe_misfit(stamp, _STAMP_SHAPE):
        raise DamagedError("does not say which chunk it is")
    return Stamp(stamp["sweep"], stamp["first"], stamp["last"], stamp["failed"], about.num_rows, at >= 0)


def read_chunk(data: bytes, factors: tuple[str, ...], outcomes: tuple[str, ...]) -> RunTable:
    """The table in the bytes of a file. Raises DamagedError."""
    try:
        columns = pq.ParquetFile(pa.BufferReader(data)).read()
        columns.validate(full=True)
        points = {name: columns.column(name).to_numpy() for name in factors}
        seeds = columns.column("seed").to_numpy().astype(np.int64)
        rows = columns.column("row").to_numpy()
        first = int(rows[0]) if len(rows) else 0
        without_outcomes = SweepTable(points, seeds, {}, first)
        values = {name: columns.column(_name_outcome_column(name, without_outcomes)).to_numpy() for name in outcomes}
        failed = _read_reasons(columns.column("failed"))
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise DamagedError("cannot be read") from error
    if not np.array_equal(rows, np.arange(first, first + len(rows))):
        raise DamagedError("has its rows out of order")
    return RunTable(SweepTable(points, seeds, values, first), failed)


def _read_reasons(column: Any) -> list[str]:
    """Why rows failed; a chunk without failures, which is most of them, costs no loop."""
    if column.unique().to_pylist() == [""]:
        return [""] * len(column)
    return [str(why or "") for why in column.to_pylist()]


def _name_outcome_column(name: str, table: SweepTable) -> str:
    """The column of an outcome, as `Table.to_frame` names it."""
    return f"outcome_{name}" if name in table.points else name
