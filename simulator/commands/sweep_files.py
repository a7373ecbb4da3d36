"""The files of `ringfence sweep`: where chunks are kept, how a table was made, and what is there already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from simulator.commands.shared.console import say
from simulator.commands.shared.rendering import render_json
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.sweeps.design_file import SweepFile
    from simulator.sweeps.documents import FileChecksum, SweepAccount, SweepAnswer

ENDINGS = (".csv", ".parquet")
PARTS = ".parts"


def is_one_file(out: Path) -> bool:
    """True where one file is asked for, and not a folder of chunks."""
    return out.suffix.lower() in ENDINGS


def choose_store_folder(out: Path) -> Path:
    """Where chunks are kept: the folder asked for, or one beside the file, until the file is whole."""
    return out.with_name(f"{out.name}{PARTS}") if is_one_file(out) else out


def choose_about_file(out: Path) -> Path:
    """The file that says how a table was made: beside a file, or in a folder."""
    return out.with_name(f"{out.name}.json") if is_one_file(out) else out / "_summary.json"


def write_about(out: Path, document: SweepAccount) -> None:
    """Write how a table was made. Raises InputError."""
    from simulator.sweeps.store_files import write_durably

    path = choose_about_file(out)
    try:
        write_durably(path, render_json(document).encode())
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}" if error.strerror else str(error)) from error


def compute_checksum(out: Path) -> FileChecksum:
    """The SHA-256 of a single file, as `file_sha256`; nothing for a folder, whose chunks carry their own."""
    from simulator.sweeps.store_files import hash_file

    return {"file_sha256": hash_file(out)} if is_one_file(out) else {}


def read_finished(design_file: SweepFile, out: Path) -> SweepAnswer | None:
    """What was answered when the single file was made, if it is whole and of this sweep; None if there is work to do.

    Raises InputError where there is a file and nothing to go on with, but it is another sweep's, was changed, or is not
    accounted for.
    """
    if not is_one_file(out) or not out.exists():
        return None
    if not choose_about_file(out).exists():
        if choose_store_folder(out).is_dir():
            return None
        raise InputError(
            f"{out} is there already, and without {choose_about_file(out)} nothing says that this sweep made it\n"
            "to replace it, leave out --resume; to keep it, choose another --out"
        )
    if not choose_store_folder(out).is_dir():
        return _check_whole(design_file, out)
    try:
        account = _check_whole(design_file, out, same_version=True)
    except InputError:
        return None  # of an earlier sweep, which the one that is gone on with will replace
    _remove_leftovers(design_file, choose_store_folder(out))
    return account


def _check_whole(design_file: SweepFile, out: Path, same_version: bool = False) -> SweepAnswer:
    from simulator.sweeps.store_files import hash_file

    account = _read_about(choose_about_file(out), out)
    _check_sweep(design_file, account, out, same_version)
    checked = "file_sha256" in account
    if checked and account["file_sha256"] != hash_file(out):
        raise InputError(
            f"{out} was changed since it was made (its SHA-256 is not the one in {choose_about_file(out)})\n"
            "to make it again, leave out --resume; to keep it as it is, choose another --out"
        )
    unsure = "" if checked else ", as far as can be seen: the version that made it kept no checksum"
    say(f"{out} is whole{unsure}; to make it again, leave out --resume")
    return cast("SweepAnswer", {name: value for name, value in account.items() if name != "design_file"})


def _read_about(about: Path, out: Path) -> SweepAccount:
    from simulator.common.json_shape import NUMBER, describe_misfit, read_json
    from simulator.sweeps.store_files import NoFileError, read_regular

    number = (*NUMBER, type(None))
    outcome = {
        "outcome": str,
        "label": str,
        "unit": str,
        "mean": number,
        "lowest": number,
        "highest": number,
        "defined_in": int,
    }
    shape = {
        "sentence": str,
        "file": str,
        "about": str,
        "rows": int,
        "kind": str,
        "seed": int,
        "luck": str,
        "luck_seed": int,
        "first_year": str,
        "last_year": str,
        "outcomes": [outcome],
        "reasons": {...: int},
        "badge": str,
        "table_sha256": str,
        "scenario_fingerprint": str,
        "design_file": str,
    }
    later = {"sweep": {"design": dict, "simulation": dict}, "file_sha256": str}
    try:
        document = read_json(read_regular(about))
    except NoFileError as error:
        raise InputError(str(error)) from None
    except ValueError:
        document = None
    names = document if isinstance(document, dict) else {}
    wrong = describe_misfit(document, {**shape, **{name: later[name] for name in later if name in names}})
    if not wrong and not document["badge"]:
        wrong = "badge is empty"
    if not wrong and any(outcome["unit"] not in _list_units() for outcome in document["outcomes"]):
        wrong = "an outcome has a unit that is not known"
    if wrong:
        raise InputError(
            f"{about} is not the account of how {out} was made ({wrong})\nput it back if you have a copy; to make both "
            "again, leave out --resume"
        )
    account: SweepAccount = document
    return account


def _list_units() -> set[str]:
    from simulator.common.units import Unit

    return {unit.value for unit in Unit}


def _check_sweep(design_file: SweepFile, account: SweepAccount, out: Path, same_version: bool) -> None:
    """Refuse an answer to another design, and one of another version where that matters. Raises InputError."""
    from simulator.sweeps.job import describe_code
    from simulator.sweeps.manifest import list_differences, to_json_values

    if "sweep" in account:
        lines = list(list_differences(account["sweep"], to_json_values(design_file.job().identity)))
    else:
        same_policy = account["scenario_fingerprint"] == design_file.simulate.policy.fingerprint
        lines = (
            []
            if account["design_file"] == design_file.text and same_policy
            else ["  its design or its scenario differs"]
        )
    if same_version and account.get("made_by") != describe_code():
        lines.append("  another version of ringfence made it")
    if lines:
        raise InputError(
            "\n".join([f"{out} is the table of another sweep:", *lines, "leave out --resume, or choose another --out"])
        )


def _remove_leftovers(design_file: SweepFile, folder: Path) -> None:
    """Remove chunks whose removal was stopped after the single file was whole. Raises StoreBusyError and OSError."""
    from simulator.sweeps.lock import Lock
    from simulator.sweeps.manifest import StoreRefusedError, read_manifest, to_json_values
    from simulator.sweeps.store import remove_lock, remove_store

    lock = Lock(folder)
    lock.take()
    try:
        manifest, _ = read_manifest(folder)
        if manifest is not None and manifest.sweep != to_json_values(design_file.job().identity):
            return
        if manifest is not None:
            remove_store(folder)
    except StoreRefusedError:
        return
    finally:
        lock.drop()
    remove_lock(folder)
