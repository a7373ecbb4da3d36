"""What moved since the last release, where, and by which commit: `scripts/release-check`.

1,000 scenarios (the library, the library under other structures, random calendars) are run on the released version, in
a work tree of its own, and on this one. The report ranks what moved, by outcome and by scenario. Scenarios that moved
are then run on the commits between, halving, until each commit that moved them is known.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RUNNER = ROOT / "scripts" / "release_runner.py"
RECORD = ROOT / "tests" / "golden" / "release_deck.json"
SEED = 20240323
SMALL, SMALL_FUTURES = 24, 8
"""The recorded deck: scenarios and futures."""

WITNESS_FUTURES, MOST_WITNESSES, MOST_RUNS = 2, 3, 40
"""How commits are searched: without compiling, in so many futures of so many scenarios, at so many commits at most."""

PATHS = ("simulator", "scenarios", "pyproject.toml")
"""Where a commit must change something to move results."""

TINY = 1e-9
HERE = "this work tree"
TABLE = "| outcome | scenarios | largest move | mean move | where |"

Results = Mapping[str, Mapping[str, Any]]
Runs = Callable[[str], Results]
"""Gives the witnesses' results at a commit."""


# The deck.


def make_deck(size: int, futures: int) -> dict[str, Any]:
    """A deck of so many scenarios, the same for the same version: names, texts and parameters held."""
    sys.path.insert(0, str(ROOT))
    from simulator.calibration.structural_variants import STRUCTURES
    from simulator.declarations.parameters import PARAMETERS
    from simulator.scenarios.library import library

    structures = {name: dict(s.held) for name, s in STRUCTURES.items() if s.held and set(s.held) <= set(PARAMETERS)}
    chance = random.Random(SEED)
    plain = [{"name": name, "library": name, "settings": {}} for name in library()]
    other = [
        {"name": f"{name} under {structure}", "library": name, "settings": held}
        for name in library()
        for structure, held in structures.items()
    ]
    chance.shuffle(other)
    share = max(1, size // 3)
    items = [*plain[: max(share, 1)], *other[:share]] if size < len(plain) * 2 else [*plain, *other[: size // 2]]
    items += [make_random_item(k, chance) for k in range(size - len(items))]
    return {"seed": SEED, "futures": futures, "items": items[:size]}


def make_random_item(number: int, chance: random.Random) -> dict[str, Any]:
    """A scenario of up to five levers, moved anywhere in their ranges at any time from 2022/23 on."""
    from simulator.common.units import Unit
    from simulator.declarations.calendar import QUARTERS, quarter_name
    from simulator.declarations.levers import LEVERS

    lines = [f"title: Random calendar {number}", "question: What moved?", "extends: baseline", "changes:"]
    for name in sorted(chance.sample(sorted(LEVERS), chance.randint(1, 5))):
        about = LEVERS[name].about
        value = chance.choice((0, 1)) if about.unit is Unit.SWITCH else chance.uniform(about.low, about.high)
        start = quarter_name(chance.randrange(0, QUARTERS))
        lines += [f"  {name}:", f"    to: {value:.6g}", f"    from: {start}", "    because: Drawn at random."]
        lines += ["    evidence: []", "    assumption: true"]
    return {"name": f"random calendar {number}", "text": "\n".join(lines) + "\n", "settings": {}}


# Running it.


def run_in(tree: Path, deck: Mapping[str, Any], *, python: str = sys.executable, compiled: bool = True) -> Results:
    """The deck's results with the package in a work tree, in a process of its own that borrows installed libraries."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "RINGFENCE_CACHE": "off", "PYTHONDONTWRITEBYTECODE": "1"}
    if not compiled:
        environment["NUMBA_DISABLE_JIT"] = "1"  # a few futures take seconds, and compiling a minute
    done = call([python, str(RUNNER)], tree, json.dumps(deck), environment)
    if done.returncode:
        return {item["name"]: {"error": done.stderr[-300:]} for item in deck["items"]}
    results: Results = json.loads(done.stdout)
    return results


def call(
    words: Sequence[str], tree: Path, given: str | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A program that ran in a work tree, with what it printed."""
    return subprocess.run(
        words, cwd=tree, input=given, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


def git(*words: str, tree: Path = ROOT) -> str:
    """What git says. Exits with its words where it fails."""
    done = call(["git", *words], tree)
    if done.returncode:
        sys.exit(f"error: git {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def find_release() -> str:
    """The tag of the last release. Exits if there is none."""
    tags = git("tag", "--list", "v*", "--sort=-version:refname", "--merged", "HEAD").split()
    if not tags:
        sys.exit("error: no release has a tag, such as v0.1.0; name its commit: scripts/release-check --from COMMIT")
    return tags[0]


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A work tree of a commit, which goes afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "released"
        git("worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            yield tree
        finally:
            git("worktree", "remove", "--force", str(tree))


# What moved.


@dataclass(frozen=True)
class Move:
    """By how much one scenario's mean of one outcome moved; `scale` is the outcome's usual level in this deck."""

    scenario: str
    outcome: str
    before: float
    after: float
    scale: float = 1.0

    @property
    def by(self) -> float:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True)
class Comparison:
    """What moved between two versions: every move of an outcome, the most first, and what only bits show."""

    moves: Sequence[Move]
    other_bits: Sequence[str]
    equal: int
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def moved(self) -> Sequence[str]:
        """The scenarios of which an outcome moved, or a bit did."""
        return list(dict.fromkeys([*(move.scenario for move in self.moves), *self.other_bits]))


def compare(before: Results, after: Results) -> Comparison:
    """Hold two versions' results of one deck against each other."""
    moves, other_bits, failed, equal = [], [], {}, 0
    scales = _find_scales(before)
    for name, new in after.items():
        old = before.get(name, {"error": "it was not run"})
        if "error" in old or "error" in new:
            failed[name] = str(old.get("error") or new.get("error"))
        elif old["digest"] == new["digest"] and old["means"] == new["means"]:
            equal += 1
        else:
            own = [
                Move(name, outcome, old["means"][outcome], value, scales[outcome])
                for outcome, value in new["means"].items()
                if outcome in old["means"] and abs(value - old["means"][outcome]) > TINY
            ]
            moves += own
            other_bits += [] if own else [name]
    moves.sort(key=lambda move: -abs(move.by) / move.scale)
    return Comparison(moves, other_bits, equal, failed)


def _find_scales(results: Results) -> dict[str, float]:
    """The mean size of each outcome, by which moves of different outcomes are ranked together."""
    levels: dict[str, list[float]] = {}
    for item in results.values():
        for outcome, value in item.get("means", {}).items():
            levels.setdefault(outcome, []).append(abs(value))
    return {outcome: max(sum(values) / len(values), 1e-6) for outcome, values in levels.items()}


# Which commit.


@dataclass(frozen=True)
class Step:
    """A commit that moved witnesses, or several in a row that were not told apart; by how much, outcome by outcome."""

    commits: Sequence[str]
    moves: Sequence[Move]


def find_steps(commits: Sequence[str], run: Runs, most: int = MOST_RUNS) -> Sequence[Step]:
    """The commits, of a row of which the first is the release, at which results changed; `most` are looked at.

    Between two commits with equal results none is looked for. Commits that cannot be run are passed over.
    """
    known: dict[str, Results] = {}

    def look(commit: str) -> Results | None:
        if commit not in known:
            if len(known) >= most:
                return None
            known[commit] = run(commit)
        return known[commit]

    def split(low: int, high: int) -> list[Step]:
        before, after = known[commits[low]], known[commits[high]]
        found = compare(before, after)
        if not found.moved:
            return []
        for middle in _list_middles(low, high):
            results = look(commits[middle])
            if results is None:
                break
            if not all("error" in item for item in results.values()):
                return [*split(low, middle), *split(middle, high)]
        return [Step(commits[low + 1 : high + 1], found.moves)]

    look(commits[0])
    look(commits[-1])
    return split(0, len(commits) - 1)


def _list_middles(low: int, high: int) -> list[int]:
    """The places between two, the middle first."""
    middle = (low + high) // 2
    return sorted(range(low + 1, high), key=lambda at: abs(at - middle))


def choose_witnesses(found: Comparison, deck: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A few scenarios that moved most, of different outcomes where there are such."""
    chosen: dict[str, str] = {}
    for move in found.moves:
        if move.scenario not in chosen and move.outcome not in chosen.values():
            chosen[move.scenario] = move.outcome
    names = [*chosen, *found.other_bits][:MOST_WITNESSES]
    return [item for item in deck["items"] if item["name"] in names]


def attribute(release: str, tree: Path, found: Comparison, deck: Mapping[str, Any], most: int) -> Sequence[Step]:
    """The commits between the release and here that moved the scenarios that moved most."""
    small = {**deck, "futures": WITNESS_FUTURES, "items": choose_witnesses(found, deck)}
    between = git("log", "--first-parent", "--reverse", "--format=%H", f"{release}..HEAD", "--", *PATHS).split()
    edited = git("status", "--porcelain", "--", *PATHS)

    def run(commit: str) -> Results:
        if commit == HERE:
            return run_in(ROOT, small, compiled=False)
        git("checkout", "--quiet", "--detach", "--force", commit, tree=tree)
        print(f"  looking at {commit[:10]}", file=sys.stderr)
        return run_in(tree, small, compiled=False)

    return find_steps([git("rev-parse", f"{release}^{{commit}}"), *between, *([HERE] if edited else [])], run, most)


# The report, and the gate.


def read_results_change(text: str) -> str:
    """What stands under *Results change* of the unreleased version in CHANGELOG.md; "" if there is no such heading."""
    unreleased = re.split(r"^## ", text, flags=re.MULTILINE)[1:2]
    parts = re.split(r"^### Results change\n", unreleased[0] if unreleased else "", flags=re.MULTILINE)
    return re.split(r"^### ", parts[1], flags=re.MULTILINE)[0].strip() if len(parts) > 1 else ""


def hash_text(text: str) -> str:
    """16 hexadecimal digits of a text, whatever its line breaks."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def judge(record: Mapping[str, Any], now: Results, changelog: str) -> str:
    """Why results that moved may not be released, or "": the change log says nothing new, or the record is old."""
    found = compare(record["results"], now)
    if not found.moved and not found.failed:
        return ""
    named = ", ".join([*found.moved, *found.failed][:5])
    most = f"; the most: {describe_move(found.moves[0])}" if found.moves else ""
    what = f"results moved in {len(found.moved) + len(found.failed)} of {len(now)} scenarios ({named}{most})"
    told = read_results_change(changelog)
    if not told or hash_text(told) == record["results_change"]:
        return f"{what}, and CHANGELOG.md says nothing new under Results change: give the reason and the size there"
    return f"{what}: look at the difference, then record them with scripts/release-check --record"


def describe_move(move: Move) -> str:
    """A move in a line."""
    words = name_outcome(move.outcome)
    return f"{words}, {move.scenario}: {move.before:.6g} before, {move.after:.6g} now ({move.by:+.3g})"


def name_outcome(name: str) -> str:
    """An outcome as people call it, with its unit; its name where this version has none of that name."""
    from simulator.declarations.outcomes import OUTCOMES

    outcome = OUTCOMES.get(name)
    return name if outcome is None else f"{outcome.label} ({outcome.unit.value})"


def write_report(release: str, found: Comparison, steps: Sequence[Step], total: int, futures: int) -> str:
    """The report as Markdown."""
    lines = [
        f"# What moved since {release}",
        "",
        f"{total:,} scenarios in {futures} futures each, means over 2027/28 to 2029/30. {found.equal:,} give the same "
        f"bits, {len(found.moved):,} moved, {len(found.failed):,} cannot be run on both versions.",
    ]
    if found.moves:
        lines += [
            "",
            "## By outcome",
            "",
            TABLE,
            "| --- | --- | --- | --- | --- |",
        ]
        lines += _list_outcome_rows(found)
        lines += ["", "## The largest moves, against their level", ""]
        lines += [f"* {describe_move(move)}" for move in found.moves[:20]]
    if found.other_bits:
        lines += ["", f"In {len(found.other_bits):,} scenarios only bits moved, below {TINY:g}."]
    if steps:
        lines += [
            "",
            "## By commit",
            "",
            "Of the scenarios that moved most, in a few futures.",
        ]
        for step in steps:
            lines += ["", *_describe_step(step)]
    if found.failed:
        lines += ["", "## Not run on both", ""]
        lines += _list_failures(found.failed)
    return "\n".join(lines) + "\n"


def _list_failures(failed: Mapping[str, str]) -> list[str]:
    """What could not be run on both versions, a line for each reason."""
    by_reason: dict[str, list[str]] = {}
    for name, why in failed.items():
        by_reason.setdefault(" ".join(why.split())[-160:], []).append(name)
    return [
        f"* {len(names):,} ({', '.join(names[:3])}{' and others' if len(names) > 3 else ''}): {why}"
        for why, names in sorted(by_reason.items(), key=lambda item: -len(item[1]))
    ]


def _list_outcome_rows(found: Comparison) -> list[str]:
    by_outcome: dict[str, list[Move]] = {}
    for move in found.moves:
        by_outcome.setdefault(move.outcome, []).append(move)
    ranked = sorted(by_outcome.items(), key=lambda item: -abs(item[1][0].by) / item[1][0].scale)
    rows = []
    for outcome, moves in ranked:
        largest = max(moves, key=lambda move: abs(move.by))
        mean = sum(abs(move.by) for move in moves) / len(moves)
        rows.append(
            f"| {name_outcome(outcome)} | {len(moves):,} | {largest.by:+.3g} | {mean:.3g} | {largest.scenario} |"
        )
    return rows


def _describe_step(step: Step) -> list[str]:
    if len(step.commits) == 1 and step.commits[0] == HERE:
        head = "### Uncommitted changes of this work tree"
    elif len(step.commits) == 1:
        head = f"### {git('log', '-1', '--format=%h %s', step.commits[0])}"
    else:
        first, last = (commit if commit == HERE else commit[:10] for commit in (step.commits[0], step.commits[-1]))
        head = f"### {len(step.commits)} commits that were not told apart, {first} to {last}"
    decisions = sorted({name for commit in step.commits if commit != HERE for name in list_decisions(commit)})
    told = [f"Decisions: {', '.join(decisions)}."] if decisions else []
    return [head, "", *told, *(f"* {describe_move(move)}" for move in step.moves[:6])]


def list_decisions(commit: str) -> list[str]:
    """The pages of decisions that a commit wrote or changed, by number."""
    files = git("show", "--name-only", "--format=", commit, "--", "docs/decisions").split()
    return [Path(name).stem[:4] for name in files if Path(name).stem[:4].isdigit()]


def record(path: Path = RECORD) -> str:
    """Write the small deck's results as they are now. Returns why it may not be done, or ""."""
    deck = make_deck(SMALL, SMALL_FUTURES)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        why = judge(before, run_in(ROOT, before["deck"]), changelog)
        if "nothing new" in why:
            return why
    results = run_in(ROOT, deck)
    document = {"results_change": hash_text(read_results_change(changelog)), "deck": deck, "results": results}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return ""


def main() -> int:
    """Run the check. Exit code 1 says that results moved and the change log does not say so."""
    parser = argparse.ArgumentParser(prog="scripts/release-check", description=__doc__)
    parser.add_argument("--from", dest="release", metavar="COMMIT", help="the released version (default: its last tag)")
    parser.add_argument("--scenarios", type=int, default=1_000, help="how many scenarios to run (default: 1,000)")
    parser.add_argument("--futures", type=int, default=50, help="in how many futures each (default: 50)")
    parser.add_argument("--python", default=sys.executable, help="the Python that runs the released version")
    parser.add_argument("--most", type=int, default=MOST_RUNS, help="at how many commits to look (default: 40)")
    parser.add_argument("--out", type=Path, default=Path("release-check.md"), help="the report to write")
    parser.add_argument("--record", action="store_true", help="record the small deck that the tests compare with")
    asked = parser.parse_args()
    if asked.record:
        why = record()
        print(f"error: {why}" if why else f"wrote {RECORD}", file=sys.stderr)
        return int(bool(why))
    release = asked.release or find_release()
    deck = make_deck(asked.scenarios, asked.futures)
    with checked_out(release) as tree:
        print(f"running {len(deck['items']):,} scenarios on {release}, then here", file=sys.stderr)
        before, after = run_in(tree, deck, python=asked.python), run_in(ROOT, deck)
        found = compare(before, after)
        steps = attribute(release, tree, found, deck, asked.most) if found.moved else []
    report = write_report(release, found, steps, len(deck["items"]), asked.futures)
    asked.out.write_text(report, encoding="utf-8")
    told = read_results_change((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    print(f"wrote {asked.out}: {len(found.moved):,} of {len(deck['items']):,} scenarios moved", file=sys.stderr)
    if found.moved and not told:
        print("error: CHANGELOG.md says nothing under Results change of the unreleased version", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
