"""One chunk of a sweep as a Parquet file: the same columns and types in every file, and a stamp of where it belongs.

Columns are row, point, run and seed (whole numbers), factors and outcomes (floats; what is not defined is nan), and
failed (text, empty where nothing did). pandas, R and DuckDB read one file or all of a folder.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.experiments.sweep import Table
from simulator.sweeps.tables import Ran

COUNTED = ("row", "point", "run", "seed")
_STAMP = b"ringfence"


def chunk_bytes(ran: Ran, runs: int, stamp: Mapping[str, object]) -> bytes:
    """A table as the bytes of a Parquet file (zstd), with a stamp of plain values that `read_stamp` gives back."""
    table = arrow_table(ran, runs).replace_schema_metadata({_STAMP: json.dumps(stamp)})
    file = io.BytesIO()
    write(table, file, ran)
    return file.getvalue()


def arrow_table(ran: Ran, runs: int) -> Any:
    """A table of a sweep as an Arrow table, one row a run."""
    frame = ran.to_frame(runs)
    types = {**dict.fromkeys(COUNTED, pa.int64()), "failed": pa.string()}
    schema = pa.schema([(name, types.get(name, pa.float64())) for name in frame.columns])
    return pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)


def write(table: Any, file: Any, like: Ran) -> None:
    """Write an Arrow table as one Parquet file: counters as differences, floats by byte, what repeats once."""
    with writer(table.schema, file, like) as out:
        out.write_table(table)


def writer(schema: Any, file: Any, like: Ran) -> Any:
    """A writer of Parquet files for tables of the columns that `like` has."""
    outcomes = {_outcome(name, like.table) for name in like.table.outcomes}
    encodings = {"row": "DELTA_BINARY_PACKED", "point": "DELTA_BINARY_PACKED"}
    encodings |= dict.fromkeys(sorted(outcomes), "BYTE_STREAM_SPLIT")
    repeated = [name for name in schema.names if name not in encodings]
    return pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=repeated, column_encoding=encodings)


def read_stamp(path: Path) -> dict[str, Any]:
    """The stamp of a chunk, with its number of `rows`. Raises ValueError if the file is no whole chunk; OSError."""
    try:
        about = pq.read_metadata(path)
        stamp = json.loads((about.metadata or {})[_STAMP])
    except (pa.ArrowInvalid, KeyError, ValueError) as error:
        raise ValueError(f"{path} is not a whole chunk of a sweep") from error
    return {**stamp, "rows": about.num_rows}


def read_chunk(path: Path, factors: tuple[str, ...], outcomes: tuple[str, ...]) -> Ran:
    """The table in a file. Raises ValueError and OSError."""
    try:
        columns = pq.ParquetFile(path).read()
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path} is damaged; run the sweep again with --resume") from error
    points = {name: columns.column(name).to_numpy() for name in factors}
    seeds = columns.column("seed").to_numpy().astype(np.int64)
    first = columns.column("row")[0].as_py() if len(seeds) else 0
    bare = Table(points, seeds, {}, first)
    made = {name: columns.column(_outcome(name, bare)).to_numpy() for name in outcomes}
    return Ran(Table(points, seeds, made, first), _reasons(columns.column("failed")))


def _reasons(column: Any) -> list[str]:
    """Why rows failed; a chunk without failures, which is most of them, costs no loop."""
    if column.unique().to_pylist() == [""]:
        return [""] * len(column)
    return [str(why or "") for why in column.to_pylist()]


def _outcome(name: str, table: Table) -> str:
    """The column of an outcome, as `Table.to_frame` names it."""
    return f"outcome_{name}" if name in table.points else name
