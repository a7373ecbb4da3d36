"""Targets as a file: other figures or errors for the findings that are fitted, findings left out, and findings added.

title             what these targets are
targets           name: {observed: 0.49, error: 0.12, because, evidence, assumption}    a finding with other numbers
                  name: {use: no, because, evidence, assumption}                        one that shall not count
                  name: {replay: mine.yaml, observe: kept, error: 0.1, because, ...}    one of your own, from a replay

Findings that are left out of the file count as they ship. Everything that is wrong with a file is reported at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from simulator.calibration.likelihood import COUNTS, OwnTarget
from simulator.common.characters import normalise_text
from simulator.common.paths import expand_path
from simulator.common.representation import short_repr
from simulator.common.yaml_nodes import ListNode, MappingNode, Node, Problems, ScalarNode, suggest
from simulator.replays.replay import load_replay
from simulator.replays.survey_emulator import SAMPLE
from simulator.replays.targets import Target, Use, list_fitted, read_targets
from simulator.scenarios.field_validation import read_known_keys, require_text
from simulator.scenarios.file_entries import REASONS, list_entries, read_finite, read_reasons, read_yaml_file

EXAMPLE = "{observed: 0.49, error: 0.12, because: ..., evidence: [...]}"


@short_repr
@dataclass(frozen=True)
class TargetFile:
    """The findings that count, those of one's own among them with the replays that they are read from."""

    title: str
    targets: tuple[Target, ...]
    own: tuple[OwnTarget, ...]
    text: str
    replays: Mapping[str, str] = field(default_factory=dict)
    """The text of each file of a replay that stands beside this file, by its name."""

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of the text, and of the replays that it names."""
        digest = hashlib.sha256(self.text.encode())
        for each in self.own:
            digest.update(repr((each.target.observed, each.replay.schedule.tobytes(), each.replay.held)).encode())
        return digest.hexdigest()[:16]


def read_target_file(path: str | Path) -> TargetFile:
    """The targets in a file. Raises ScenarioError, which lists every problem."""
    notes = Problems(str(path), "file of targets", "a title and targets", "targets:")
    where = expand_path(path)
    return read_yaml_file(where, notes, lambda top, text: _parse(top, text, where.parent, notes))


def _parse(top: MappingNode, text: str, folder: Path, notes: Problems) -> TargetFile:
    fields = read_known_keys(top, "", ("title", "targets"), notes)
    title = require_text(fields, "title", "", 1, notes)
    kept = {target.id: target for target in list_fitted()}
    own: list[OwnTarget] = []
    for name, body, line in list_entries(fields.get("targets"), "targets", EXAMPLE, notes):
        where = f"targets.{name}"
        keys = {key.text for key, _ in body.pairs}
        if "replay" in keys:
            added = _read_own(name, body, where, line, folder, notes)
            own += [added] if added else []
        elif name not in kept:
            notes.add(line, where, _explain_unknown(name, kept))
        elif "use" in keys:
            values = read_known_keys(body, f"{where}.", ("use", *REASONS), notes)
            _read_no(values["use"], f"{where}.use", notes)
            read_reasons(values, where, line, notes)
            del kept[name]
        else:
            kept[name] = _read_changed(kept[name], body, where, line, notes)
    targets = (*kept.values(), *(each.target for each in own))
    if not targets and not notes.problems:
        notes.add(1, "targets", "leaves no finding to fit; to draw from the priors alone, use --source prior")
    beside = _read_beside(fields.get("targets"), folder)
    return TargetFile(title, targets, tuple(own), text.replace("\r\n", "\n"), beside)


def _read_beside(targets: Node | None, folder: Path) -> dict[str, str]:
    """The files of replays that are named without a folder."""
    pairs = [pair for _, body in getattr(targets, "pairs", ()) for pair in getattr(body, "pairs", ())]
    names = {normalise_text(node.text) for key, node in pairs if key.text == "replay" and isinstance(node, ScalarNode)}
    beside = {name: folder / name for name in sorted(names) if Path(name).name == name and (folder / name).is_file()}
    return {name: path.read_text(encoding="utf-8", errors="replace") for name, path in beside.items()}


def _explain_unknown(name: str, kept: Mapping[str, Target]) -> str:
    other = read_targets().get(name)
    if other is not None and other.use is Use.OUT_OF_SAMPLE:
        return "is a declared test, which is never fitted; to fit the same fact, add it by 'replay' under another name"
    return f"is not a finding of the fit{suggest(name, kept)}; one of your own needs 'replay' and 'observe'"


def _read_no(node: Node, where: str, notes: Problems) -> None:
    if not isinstance(node, ScalarNode) or node.switch is not False:
        notes.add(node.line, where, "can only be 'no', which leaves the finding out; delete the entry to keep it")


def _read_changed(target: Target, body: MappingNode, where: str, line: int, notes: Problems) -> Target:
    """A finding with figures of one's own."""
    survey = target.likelihood == "survey"
    wanted = ("observed",) if survey else ("observed", "error")
    values = read_known_keys(body, f"{where}.", (*wanted, *REASONS), notes)
    read_reasons(values, where, line, notes)
    if survey:
        return replace(target, observed=_read_counts(values.get("observed"), f"{where}.observed", line, notes))
    observed = read_finite(values.get("observed"), f"{where}.observed", line, notes)
    error = _read_error(values, where, line, notes)
    return replace(target, observed=(observed,), error=error)


def _read_error(values: Mapping[str, Node], where: str, line: int, notes: Problems) -> float:
    problems = len(notes.problems)
    error = read_finite(values.get("error"), f"{where}.error", line, notes)
    if error <= 0 and len(notes.problems) == problems:
        notes.add(line, f"{where}.error", f"{error:g} is not above 0: it is a standard deviation")
    return error


def _read_counts(node: Node | None, where: str, line: int, notes: Problems) -> tuple[float, ...]:
    numbers = [n.number for n in node.items if isinstance(n, ScalarNode)] if isinstance(node, ListNode) else []
    counts = tuple(n for n in numbers if n is not None and n >= 0 and n.is_integer())
    if len(counts) != len(COUNTS) or len(numbers) != len(COUNTS) or not 0 < sum(counts) <= 42:
        notes.add(
            node.line if node else line,
            where,
            f"must be three whole numbers: boards that kept all, part and none of it, such as [10, 7, 3] of {SAMPLE}",
        )
        return tuple(read_targets()["interviews"].observed)
    return counts


def _read_own(name: str, body: MappingNode, where: str, line: int, folder: Path, notes: Problems) -> OwnTarget | None:
    """A finding that a replay observes."""
    values = read_known_keys(body, f"{where}.", ("replay", "observe", "error", *REASONS), notes)
    says = read_reasons(values, where, line, notes)
    error = _read_error(values, where, line, notes)
    if name in read_targets() or name in COUNTS:
        notes.add(line, where, "is the name of a fact that ships; give yours another name")
        return None
    node, wanted = values["replay"], values.get("observe")
    file = normalise_text(node.text) if isinstance(node, ScalarNode) else ""
    try:
        replay = load_replay(folder / file if file.endswith((".yaml", ".yml")) else file)
    except (LookupError, ValueError) as problem:
        for message in str(problem).splitlines():
            notes.add(node.line, f"{where}.replay", message)
        return None
    observed = {o.name: o for o in replay.observations if o.observed is not None}
    asked = normalise_text(wanted.text) if isinstance(wanted, ScalarNode) else ""
    if asked not in observed:
        names = ", ".join(observed) or "none"
        message = f"'{asked[:40]}' is nothing that the replay observes with a figure; it has {names}"
        notes.add(wanted.line if wanted else line, f"{where}.observe", message if asked else "is missing")
        return None
    fact = observed[asked].observed
    assert fact is not None
    target = replace(
        fact, id=name, says=says, use=Use.TARGET, likelihood="normal", error=error, tolerance=None, beforehand=False
    )
    return OwnTarget(target, replay, observed[asked])


def write_target_template() -> str:
    """A file of today's targets, to edit: the same fit as without it."""
    lines = [
        "# The findings that are fitted, as they ship. Change what you know better, say why, and delete the rest:",
        "# what is left out counts as it ships. Then: ringfence calibrate --targets FILE --out FOLDER",
        "# To leave a finding out: turnover: {use: no, because: ..., evidence: [], assumption: true}",
        "# To add one: kept: {replay: my-replay.yaml, observe: kept, error: 0.1, because: ..., evidence: [...]}",
        "title: My targets",
        "targets:",
    ]
    for target in list_fitted():
        observed = (
            f"{target.observed[0]:g}, error: {target.error:g}"
            if target.error is not None
            else f"[{', '.join(f'{x:g}' for x in target.observed)}]"
        )
        lines += [
            f"  # {target.says} ({target.unit.value})",
            f"  {target.id}: {{observed: {observed}, because: As it ships., evidence: [{', '.join(target.evidence)}]}}",
        ]
    return "\n".join(lines) + "\n"
