"""Where the built-in scenarios are: in a source checkout or in an installed package."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from simulator.common.errors import InputError, UnknownNameError
from simulator.common.paths import expand_path
from simulator.common.pinned_names import split_pin
from simulator.common.yaml_nodes import suggest

BASELINE = "baseline"
ENDINGS = (".yaml", ".yml")


class UnknownScenario(UnknownNameError):  # noqa: N818 (reads as what it says)
    """There is no scenario of that name, nor a file."""

    def __init__(self, name: str, fingerprint: str = "", kind: str = "") -> None:
        super().__init__(name)
        self.name = name
        self.fingerprint = fingerprint
        self.kind = kind

    def __str__(self) -> str:
        if self.fingerprint:
            return f"{self._message}; the scenario asked for has the fingerprint {self.fingerprint}"
        return self._message

    @property
    def _message(self) -> str:
        if self.kind:
            return f"one scenario is asked for, by its name, its file or as a Scenario: this is of type {self.kind}"
        if is_file_name(self.name):
            return f"there is no file '{self.name}'{suggest(Path(self.name).stem, library())}"
        return f"there is no scenario '{self.name}'{suggest_scenario(self.name)}"


def suggest_scenario(name: str) -> str:
    """The end of an error message: the nearest library name, or how to name a file."""
    return suggest(name, library()) or "; name one of the library, or a file with its ending (.yaml)"


@cache
def find_library_folder() -> Path:
    """The folder of the library. Raises FileNotFoundError when the installation lacks it."""
    package = Path(str(files("simulator")))
    for place in (package / "data" / "scenarios", package.parent / "scenarios"):
        if (place / f"{BASELINE}.yaml").is_file():
            return place
    raise FileNotFoundError(f"no scenario library beside {package}: the installation is incomplete")


@cache
def library() -> Mapping[str, Path]:
    """The built-in scenarios: name -> file, the baseline first and the rest by name."""
    files = {path.stem: path for path in sorted(find_library_folder().glob("*.yaml"), key=lambda p: p.stem)}
    return MappingProxyType({BASELINE: files.pop(BASELINE), **files})


def is_file_name(text: str) -> bool:
    """True if a reference names a file rather than a library scenario, with a fingerprint or without."""
    return split_pin(text)[0].endswith(ENDINGS) or "/" in text or "\\" in text


def names_existing_file(text: str, folder: Path | None = None) -> bool:
    """True if a reference, with a fingerprint or without, names a file that is there, seen from a folder."""
    if not is_file_name(text):
        return False
    try:
        return Path(folder or "", expand_path(split_pin(text)[0])).exists()
    except (InputError, OSError, ValueError):  # no name that a file can have
        return False


def split_stack(reference: str, folder: Path | None = None) -> list[str]:
    """The names in a reference: one, or several joined by '+'.

    The '+' in the name of a file, or of its folder, joins nothing: from where a name begins, the longest is taken that
    names a file, seen from `folder`, and otherwise the shortest of the library or with a fingerprint.
    """
    parts = reference.split("+")
    names = []
    while parts:
        starts = ["+".join(parts[:n]).strip() for n in range(1, len(parts) + 1)]
        files = [name for name in starts if "+" in name and names_existing_file(name, folder)]
        known = [name for name in starts if name in library() or (is_file_name(name) and split_pin(name)[1])]
        name = files[-1] if files else next(iter(known), starts[0])
        names.append(name)
        parts = parts[starts.index(name) + 1 :]
    return names
