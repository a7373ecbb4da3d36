"""Words that people take away: commands that give the same numbers, and what to cite."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

from dashboards.choice import LETTERS, slug
from dashboards.reading import Reading, headline
from simulator.scenario import Scenario, library

BOARDS = "boards.csv"
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def known(one: Scenario) -> bool:
    """True when the library holds this scenario under this name."""
    return all(part in library() for part in one.name.split("+"))


def file_names(scenarios: tuple[Scenario, ...]) -> list[str]:
    """What each scenario's file is called; no two share a name."""
    names = [slug(one.name) or "scenario" for one in scenarios]
    often = Counter(names)
    return [f"{name}.yaml" if often[name] == 1 else f"{name}-{letter.lower()}.yaml"
            for letter, name in zip(LETTERS, names, strict=False)]  # fmt: skip


def references(scenarios: tuple[Scenario, ...]) -> list[str]:
    """How a command names each scenario: as the library does, or a file of one's own."""
    files = file_names(scenarios)
    return [one.name if known(one) else file for file, one in zip(files, scenarios, strict=True)]


def commands(read: Reading) -> list[str]:
    """What to type for the numbers on the screen. Scenarios of one's own are named by the files to download."""
    made = read.baseline.manifest
    names = " ".join(references(read.scenarios)[1:])
    first, last = read.years
    years = first if first == last else f"{first}-{last}"
    boards = f"--boards {BOARDS} " if own_boards(read) else ""
    shared = f"{boards}--seed {made.seed} -n {made.futures}"
    if not names:
        return [f"ringfence run baseline --outcome {read.outcome} --years {years} {shared}"]
    return [f"ringfence compare {names} --outcome {read.outcome} --years {years} {shared}",
            f"ringfence report {names} --pdf briefing.pdf {shared}"]  # fmt: skip


def own_boards(read: Reading) -> bool:
    """True when the areas are not the 42 boards."""
    from simulator.boards import REAL

    return read.boards.source != REAL


def own_files(read: Reading) -> list[str]:
    """Files that the commands need and that are not in the library."""
    told = zip(references(read.scenarios), read.scenarios, strict=True)
    return [file for file, one in list(told)[1:] if not known(one)]


def citation(read: Reading) -> str:
    """A sentence to cite."""
    m = read.baseline.manifest
    said = headline(read)
    prints = ", ".join(run.manifest.scenario_fingerprint for run in read.runs)
    return (
        f"Our analysis, produced using Ringfence {m.version} ({m.futures:,} paired futures, seed {m.seed}, scenarios "
        f"{prints}, {m.badge}), suggests: {said[0].lower() if said.startswith(('The ', 'In ')) else said[0]}{said[1:]}"
    )


def bibtex(read: Reading, today: dt.date | None = None) -> str:
    """The program and this analysis as entries for a bibliography."""
    m, day = read.baseline.manifest, today or dt.date.today()
    prints = ", ".join(run.manifest.scenario_fingerprint for run in read.runs)
    note = f"{m.futures} paired futures, seed {m.seed}, scenarios {prints}; {m.badge}"
    key = f"{read.runs[-1].manifest.scenario_fingerprint[:8]}-{m.seed}"
    program = ("Ringfence: what would keep health inequalities money for its purpose? "
               "An agent-based policy simulator")  # fmt: skip
    return (
        f"@software{{ringfence,\n  title = {{{tex(program)}}},\n  author = {{{{Ringfence contributors}}}},\n"
        f"  version = {{{tex(m.version)}}},\n  year = {{{day.year}}},\n  license = {{MIT}}\n}}\n\n"
        f"@misc{{ringfence-{key},\n  title = {{{tex(headline(read))}}},\n"
        f"  author = {{{{Our own analysis}}}},\n  year = {{{day.year}}},\n"
        f"  note = {{Produced using Ringfence {tex(m.version)}; {tex(note)}}}\n}}\n"
    )


def tex(words: str) -> str:
    """Words as a bibliography may hold them."""
    plain = re.sub(r"\s+", " ", words)
    return "".join(_TEX.get(letter, letter) for letter in plain)
