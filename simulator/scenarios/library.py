"""Where the built-in scenarios are: in a source checkout or in an installed package."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from simulator.common.errors import UnknownNameError
from simulator.common.pinned_names import split_pin
from simulator.common.yaml_nodes import suggest

BASELINE = "baseline"
ENDINGS = (".yaml", ".yml")


class UnknownScenario(UnknownNameError):  # noqa: N818 (reads as what it says)
    """There is no scenario of that name, nor a file."""

    def __init__(self, name: str, fingerprint: str = "") -> None:
        super().__init__(name)
        self.name = name
        self.fingerprint = fingerprint

    def __str__(self) -> str:
        if self.fingerprint:
            return f"{self._message}; the scenario asked for has the fingerprint {self.fingerprint}"
        return self._message

    @property
    def _message(self) -> str:
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
