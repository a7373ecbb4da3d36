"""What an answer was asked with, as files of a deposit, and the call that makes the answer again from them.

A scenario, a table of boards, evidence, a fit or results that a notebook holds are written into the folder, and the
call names them as they stand there. What cannot be written so is said to be missing.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from simulator.boards.table import Boards, read_boards, to_boards
from simulator.calibration.fit_folder import INPUTS, PRIORS, TARGETS, FitFolder
from simulator.common.crate_folder import INGREDIENTS, CrateContent, CrateFile
from simulator.common.paths import expand_path
from simulator.common.pinned_names import split_pin
from simulator.common.presentable import ANSWER, TABLE, to_json
from simulator.evidence.evidence import Evidence, Update
from simulator.evidence.observation_file import read_evidence
from simulator.runs.futures import Futures
from simulator.runs.posterior import NAMES, shipped_posterior
from simulator.runs.recipe import make_file_stem
from simulator.runs.results import Results
from simulator.runs.run import run
from simulator.scenarios.library import library, split_stack
from simulator.scenarios.scenario import Scenario, load_scenario, stack

SCENARIO_ARGUMENTS = frozenset({"scenario", "against", "policy", "scenarios"})
UNKNOWN, LONGEST = "...", 100


class _NotHeldError(Exception):
    """An argument that no file of the folder can hold."""


def freeze_inputs(given: Mapping[str, object]) -> dict[str, object]:
    """The arguments of a question that has been answered, with what their files hold now in place of their names.

    `given` leaves out what stood at its default.
    """
    return {name: _freeze(name, value) for name, value in given.items()}


def recall_inputs(settings: Mapping[str, object]) -> dict[str, object]:
    """The same from the settings of an answer that was saved; what they only describe, or a file that is gone, is
    missing.
    """
    return {name: _recall(name, value) for name, value in settings.items() if value is not None}


def _recall(name: str, value: object) -> object:
    parts = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(part, str) and part.startswith("<") for part in parts):
        return _HeldFile("", ", ".join(str(part).strip("<>") for part in parts), b"")
    try:
        return _freeze(name, value)
    except (LookupError, OSError, ValueError):
        return _HeldFile("", str(value), b"")


def _freeze(name: str, value: object) -> object:
    """One argument; a list one by one. A name of the library stays one."""
    if name in SCENARIO_ARGUMENTS and isinstance(value, list | tuple):
        return [_freeze(name, item) for item in value]
    if name in SCENARIO_ARGUMENTS and isinstance(value, str | Path):
        return _freeze_scenario(value)
    if name == "boards" and isinstance(value, str | Path | Boards):
        table = to_boards(value)
        return None if table.fingerprint == read_boards().fingerprint else _hold_boards(table)
    if name == "observations" and isinstance(value, str | Path):
        return read_evidence(value)
    if name == "path" and isinstance(value, str | Path):
        return _hold_file(expand_path(value), "The file that was asked about")
    return value


@dataclass(frozen=True)
class _HeldFile:
    """A file as it was when the question was asked; `content` is empty where it is not there any more."""

    name: str
    words: str
    content: bytes


def _hold_file(path: Path, words: str) -> _HeldFile:
    try:
        return _HeldFile(path.name, words, path.read_bytes())
    except OSError:
        return _HeldFile(path.name, words, b"")


def _hold_boards(table: Boards) -> _HeldFile:
    """The file that a table of boards is from, if it still holds that table."""
    path, words = Path(split_pin(table.reference)[0]), f"The table of {len(table)} boards"
    try:
        same = bool(table.reference) and read_boards(path).fingerprint == table.fingerprint
    except (OSError, ValueError):
        same = False
    return _hold_file(path, words) if same else _HeldFile(path.name, words, b"")


def _freeze_scenario(value: str | Path) -> object:
    parts = split_stack(value) if isinstance(value, str) else []
    if parts and all(part in library() for part in parts):
        return value
    return tuple(load_scenario(part) for part in parts) if len(parts) > 1 else load_scenario(value)


@dataclass
class _Folder:
    """What a call needs, as it comes together."""

    files: dict[str, CrateFile] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add(self, stem: str, ending: str, file: CrateFile) -> str:
        """Put a file into the folder under a name that no other has. Returns the name."""
        name, number = f"{stem}{ending}", 1
        while name in self.files and self.files[name].content != file.content:
            number += 1
            name = f"{stem}-{number}{ending}"
        self.files[name] = file
        return name

    def write(self, name: str, value: object) -> str:
        """An argument as Python reads it, its files put into the folder. Raises _NotHeldError."""
        if name in SCENARIO_ARGUMENTS and isinstance(value, tuple):
            return repr("+".join(self._name_scenario(part) for part in value))
        if isinstance(value, Scenario):
            return repr(self._name_scenario(value))
        if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
            return f"[{', '.join(self.write(name, item) for item in value)}]"
        if isinstance(value, Mapping):
            return f"{{{', '.join(f'{str(key)!r}: {self.write(name, item)}' for key, item in value.items())}}}"
        if isinstance(value, Results):
            file = self.add(f"results_{name}", ".nc", _hold_results(value))
            return f'rf.load("{file}")'
        if isinstance(value, Futures):
            words = "The futures, as those of a run of today's rules"
            file = self.add("futures", ".nc", _hold_results(run("baseline", futures=value))._replace(words=words))
            return f'rf.load("{file}").futures'
        if isinstance(value, _HeldFile):
            return self._write_held(value)
        if isinstance(value, Evidence | Update):
            return self._write_evidence(name, value)
        if isinstance(value, FitFolder):
            return self._write_fit(value)
        if isinstance(value, np.generic | np.ndarray):
            return self.write(name, value.tolist())
        if value is None or isinstance(value, bool | int | float | str):
            return f'float("{value}")' if value in (float("inf"), float("-inf")) else repr(value)
        raise _NotHeldError

    def _name_scenario(self, scenario: Scenario) -> str:
        """A scenario as questions name it: of the library, or the file that the folder holds."""
        names = scenario.reference.split("+")
        if scenario.reference and all(name in library() for name in names):
            return scenario.reference
        stem = make_file_stem(scenario.name) or "scenario"
        stem = f"{stem}-scenario" if f"{stem}.yaml" in (PRIORS, TARGETS, "design.yaml", "evidence.yaml") else stem
        file = CrateFile(f"The scenario “{scenario.title}”, as `ringfence run` reads it", _write_scenario(scenario))
        return self.add(stem, ".yaml", file)

    def _write_held(self, file: _HeldFile) -> str:
        if not file.content:
            raise _NotHeldError
        path = Path(file.name)
        stem = f"{path.stem}-asked" if file.name in (ANSWER, TABLE) else path.stem
        return repr(self.add(stem, path.suffix.lower(), CrateFile(file.words, file.content)))

    def _write_evidence(self, name: str, value: Evidence | Update) -> str:
        if isinstance(value, Update) and value.base is not shipped_posterior():
            raise _NotHeldError
        evidence = value.evidence if isinstance(value, Update) else value
        file = self.add("evidence", ".yaml", CrateFile("The evidence, every row of it", to_json(evidence.document)))
        return repr(file) if name == "observations" else f'rf.read_evidence("{file}")'

    def _write_fit(self, fit: FitFolder) -> str:
        folder = expand_path(fit.name)
        held = {each: folder / each for each in (*NAMES, INPUTS, PRIORS, TARGETS) if (folder / each).is_file()}
        if not {*NAMES, INPUTS} <= set(held):
            raise _NotHeldError
        for each, path in held.items():
            self.files[each] = CrateFile(f"Of the fit that parameters were drawn from: {each}", path.read_bytes())
        return 'rf.read_fit(".")'


def _write_scenario(scenario: Scenario) -> bytes:
    """The file of a scenario. What only extends others keeps their names, by which an answer may split it."""
    text, parents = scenario.to_yaml(), scenario.parents
    if len(parents) > 1 and set(parents) <= set(library()) and stack(parents).fingerprint == scenario.fingerprint:
        head = text.split("\nchanges:")[0].rstrip("\n")
        text = head.replace("\nextends: baseline", f"\nextends: [{', '.join(parents)}]", 1) + "\n"
    return text.encode()


def _hold_results(results: Results) -> CrateFile:
    return CrateFile(f"Results of “{results.manifest.title}”, every future of them", drop_folders(results).to_bytes())


def drop_folders(results: Results) -> Results:
    """The same results, whose manifest names files without the folders that they stood in."""
    posterior = tuple((option, Path(value).name) for option, value in results.manifest.posterior)
    return replace(results, manifest=replace(results.manifest, posterior=posterior))


def add_call(
    content: CrateContent, question: str, document: Mapping[str, object], inputs: Mapping[str, object]
) -> CrateContent:
    """The content of a crate with the files that the answer was made from, and the call that makes it again.

    `document` is what its file says, and `inputs` are the arguments that differ from their defaults, as
    `freeze_inputs` gives them.
    """
    folder, written = _Folder(), {}
    for name, value in inputs.items():
        try:
            written[name] = folder.write(name, value)
        except _NotHeldError:
            written[name] = UNKNOWN
            folder.missing.append(f"{name} = ...  # yours, and no file here holds it: {_describe(value)}")
    asked = document["settings"]
    settings = {
        **(asked if isinstance(asked, Mapping) else {}),
        **{name: _name_here(code, inputs[name]) for name, code in written.items()},
    }
    arguments = [f"{name}={name if code == UNKNOWN else code}" for name, code in written.items()]
    call = f"again = rf.{question}({', '.join(arguments)})"
    plugins = [f'rf.plugins.load("{name}")' for name in INGREDIENTS]
    readme = [
        "In this folder:",
        "",
        "```python",
        "import simulator as rf",
        "",
        *plugins,
        *folder.missing,
        call
        if len(call) <= 110
        else "\n".join(["again = rf." + question + "(", *(f"    {a}," for a in arguments), ")"]),
        f'assert again.sentence == rf.load("{ANSWER}").sentence',
        "```",
        "",
        "All its settings, those that stood at their defaults too:",
        "",
        "```json",
        json.dumps(settings, ensure_ascii=False, indent=1, allow_nan=False),
        "```",
        "",
    ]
    answer = content.files[ANSWER]._replace(content=to_json({**document, "settings": settings}))
    return replace(
        content,
        files={**content.files, ANSWER: answer, **folder.files},
        inputs=[*content.inputs, *folder.files],
        record=f"{call}; settings: {json.dumps(settings, ensure_ascii=False, allow_nan=False)}",
        readme=readme,
    )


def _name_here(code: str, value: object) -> object:
    """A setting as the folder has it: as plain data, or else in < > the code that reads it, which no question takes."""
    if code == UNKNOWN:
        return f"<{_describe(value)}, which is not here>"
    try:
        return ast.literal_eval(code)
    except ValueError:
        return f"<{code}>"


def _describe(value: object) -> str:
    """What stands for an argument that no file holds."""
    return value.words if isinstance(value, _HeldFile) else type(value).__name__
