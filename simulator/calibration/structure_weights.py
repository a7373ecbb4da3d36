"""How much each structure counts when an answer is averaged over structures: read from YAML, checked like a scenario.

The weights that ship are in `data/structure_weights.yaml`: equal, and said to be so.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from simulator.calibration.structural_draws import read_structures
from simulator.common.paths import expand_path
from simulator.common.pinned_names import check_pin, split_pin
from simulator.common.sentence_templates import get_template
from simulator.common.yaml_nodes import MappingNode, Node, Problems, ScalarNode
from simulator.runs.posterior import find_data_folder
from simulator.scenarios.field_validation import drop_duplicates, read_known_keys, require_text
from simulator.scenarios.file_entries import read_yaml_file

NAME = "structure_weights.yaml"
KEYS = ("title", "because", "times_evidence", "weights")
LARGEST = 1_000_000.0


@dataclass(frozen=True)
class StructureWeights:
    """Prior weights of structures, each with its reason. `weights` add up to 1 and are those that averages use: where
    `times_evidence`, prior weights times each structure's marginal likelihood. `source` is the file as it was named,
    "" for the shipped one; `left_out` are the structures that it does not name or gives weight 0. `weighed` is the
    summary where evidence of the user's own changed them.
    """

    title: str
    because: str
    times_evidence: bool
    weights: Mapping[str, float]
    reasons: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    source: str = ""
    fingerprint: str = ""
    weighed: str = ""

    @property
    def equal(self) -> bool:
        """Whether every structure that counts counts the same."""
        return len({round(weight, 12) for weight in self.weights.values()}) == 1

    @property
    def summary(self) -> str:
        """The weights in a few words."""
        kind = "times_evidence" if self.times_evidence else "equal" if self.equal else "given"
        return self.weighed or get_template(f"weights.{kind}").format(title=self.title)


@cache
def read_shipped_weights() -> StructureWeights:
    """The weights that ship with the package."""
    return _read(find_data_folder() / NAME, NAME, "")


def read_structure_weights(file: str | Path | None = None) -> StructureWeights:
    """The weights of a file, which may be named with its fingerprint; those that ship unless one is given.

    Raises ScenarioError, which lists every mistake with its line, and OtherContentError for another fingerprint.
    """
    if file is None:
        return read_shipped_weights()
    name, pin = split_pin(str(file))
    path = expand_path(name)
    weights = _read(path, name, name)
    check_pin("file of structure weights", name, pin, weights.fingerprint)
    return weights


def _read(path: Path, label: str, source: str) -> StructureWeights:
    notes = Problems(label, "file of structure weights", "a title, a because and weights")
    return read_yaml_file(path, notes, lambda fields, text: _parse(fields, text, source, notes))


def _parse(fields: MappingNode, text: str, source: str, notes: Problems) -> StructureWeights | None:
    known = read_known_keys(fields, "", KEYS, notes)
    title = require_text(known, "title", "", fields.line, notes)
    because = require_text(known, "because", "", fields.line, notes)
    times_evidence = _read_switch(known.get("times_evidence"), notes)
    prior, reasons = _read_weights(known.get("weights"), fields.line, times_evidence, notes)
    if notes.problems:
        return None
    structures = read_structures()
    weights = {name: weight for name, weight in prior.items() if weight > 0}
    if times_evidence:
        best = max(structures[name]["log_evidence"] for name in weights)
        weights = {name: w * math.exp(structures[name]["log_evidence"] - best) for name, w in weights.items()}
    total = math.fsum(weights.values())
    return StructureWeights(
        title,
        because,
        times_evidence,
        MappingProxyType({name: weights[name] / total for name in structures if name in weights}),
        MappingProxyType(reasons),
        tuple(name for name in structures if name not in weights),
        source,
        hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8")).hexdigest()[:16],
    )


def _read_switch(node: Node | None, notes: Problems) -> bool:
    if node is None:
        return False
    switch = node.switch if isinstance(node, ScalarNode) else None
    if switch is None:
        notes.add(node.line, "times_evidence", "must be true or false")
    return bool(switch)


def _read_weights(
    node: Node | None, line: int, times_evidence: bool, notes: Problems
) -> tuple[dict[str, float], dict[str, str]]:
    """The prior weight and the reason of every structure that the file names; problems are noted."""
    weights: dict[str, float] = {}
    reasons: dict[str, str] = {}
    if node is None:
        notes.add(line, "weights", "is missing; give each structure a weight and a because")
        return weights, reasons
    if not isinstance(node, MappingNode) or not node.pairs:
        notes.add(node.line, "weights", "must be a mapping, with lines such as 'default: {weight: 1, because: ...}'")
        return weights, reasons
    structures = read_structures()
    known = read_known_keys(node, "weights.", tuple(structures), notes)
    for key, entry in drop_duplicates(node, "weights.", Problems("")):
        if key.text not in known:
            continue
        where = f"weights.{key.text}"
        if not isinstance(entry, MappingNode):
            notes.add(key.line, where, "must hold a weight and a because, as in {weight: 1, because: ...}")
            continue
        fields = read_known_keys(entry, f"{where}.", ("weight", "because"), notes)
        reasons[key.text] = require_text(fields, "because", f"{where}.", key.line, notes)
        weights[key.text] = _read_weight(fields.get("weight"), f"{where}.weight", key.line, notes)
        if times_evidence and weights[key.text] > 0 and not structures[key.text]["comparable"]:
            message = "is fitted to other findings, so its evidence cannot be compared; give it weight 0"
            notes.add(key.line, where, message)
    if weights and not notes.problems and not any(weights.values()):
        notes.add(node.line, "weights", "are all 0; give at least one structure a weight")
    return weights, reasons


def _read_weight(node: Node | None, where: str, line: int, notes: Problems) -> float:
    if node is None:
        notes.add(line, where, "is missing")
        return 0.0
    number = node.number if isinstance(node, ScalarNode) else None
    if number is None:
        notes.add(node.line, where, "is not a number; write one such as 1 or 0.5, without quotes")
        return 0.0
    if not 0 <= number <= LARGEST:
        notes.add(node.line, where, f"{number:g} is not between 0 and {LARGEST:g}")
        return 0.0
    return number
