"""Reads what a sweep wrote into one data frame, for a notebook: a folder of chunks, or a single file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.common.json_shape import read_json
from simulator.common.paths import expand_path
from simulator.common.user_warnings import warn_caller
from simulator.sweeps.manifest import Manifest, StoreRefusedError, read_manifest
from simulator.sweeps.parquet_chunk import DamagedError, read_chunk
from simulator.sweeps.run_table import RunTable
from simulator.sweeps.store import check_stamp, make_chunk_name, make_task
from simulator.sweeps.store_files import hash_file, read_regular

if TYPE_CHECKING:
    import pandas as pd


def read_sweep(path: str | Path) -> pd.DataFrame:
    """The rows of a sweep: columns row, point, run and seed, then factors, outcomes, and why a row failed ("" if not).

    `path` is the folder that `ringfence sweep` wrote, or its single .csv or .parquet file. `attrs["manifest"]` says how
    the rows were made, in plain values. Of a sweep that is not finished, the rows that are there are read with a
    warning; `attrs["rows_missing"]` counts the others. Each chunk is compared with its checksum.

    Raises StoreRefusedError, a ValueError, where there is no sweep, or a file of it was changed; and OSError.
    """
    path = expand_path(path)
    return _read_file(path) if path.is_file() else _read_folder(path)


def _read_folder(folder: Path) -> pd.DataFrame:
    import pandas as pd

    manifest, _ = read_manifest(folder)
    if manifest is None:
        raise StoreRefusedError(f"{folder} holds no sweep; give the folder that ringfence sweep --out wrote")
    chunks = (_read_chunk(folder, chunk, manifest) for chunk in range(manifest.chunks))
    frames = [table.to_frame(manifest.sweep["design"]["runs"]) for table in chunks if table is not None]
    if not frames:
        raise StoreRefusedError(f"{folder} holds no rows yet; ringfence sweep --resume runs them")
    table = pd.concat(frames, ignore_index=True)
    missing = manifest.rows - len(table)
    if missing:
        warn_caller(f"{len(table):,} of {manifest.rows:,} rows are there; ringfence sweep --resume runs the others")
    table.attrs = {"manifest": {**asdict(manifest), "sessions": list(manifest.sessions)}, "rows_missing": missing}
    return table


def _read_chunk(folder: Path, chunk: int, manifest: Manifest) -> RunTable | None:
    """The rows of a chunk; None if it is not there."""
    path, task = folder / make_chunk_name(chunk), make_task(chunk, manifest)
    try:
        data = read_regular(path)
        check_stamp(data, task, manifest)
        return read_chunk(data, tuple(manifest.sweep["design"]["factors"]), tuple(manifest.sweep["outcomes"]))
    except FileNotFoundError:
        return None
    except DamagedError as error:
        raise StoreRefusedError(f"{path} is damaged ({error}); ringfence sweep --resume runs it again") from None


def _read_file(path: Path) -> pd.DataFrame:
    """The table of a single file, with the account that stands beside it."""
    import pandas as pd

    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise StoreRefusedError(f"{path} is no table of a sweep; give a folder, or a .csv or .parquet file")
    about = path.with_name(f"{path.name}.json")
    try:
        manifest = read_json(read_regular(about))
    except FileNotFoundError:
        raise StoreRefusedError(
            f"{about} is not there, which says how {path} was made; pandas reads the table without it"
        ) from None
    except ValueError as error:
        raise StoreRefusedError(f"{about} {error}; pandas reads {path} without it") from None
    if not isinstance(manifest, dict) or manifest.get("file_sha256", digest := hash_file(path)) != digest:
        raise StoreRefusedError(
            f"{path} was changed since it was made (its SHA-256 is not that in {about}); pandas reads it all the same"
        )
    table = _read_csv(path) if kind == ".csv" else pd.read_parquet(path)
    table.attrs = {"manifest": manifest, "rows_missing": 0}
    return table


def _read_csv(path: Path) -> pd.DataFrame:
    """A table of numbers with a column of text; pyarrow gives every float back to the last bit."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    text_column = csv.ConvertOptions(column_types={"failed": pa.string()})
    table: pd.DataFrame = csv.read_csv(path, convert_options=text_column).to_pandas()
    blank = [name for name in table.columns if name != "failed" and table[name].dtype == object]
    return table.astype(dict.fromkeys(blank, np.float64))
