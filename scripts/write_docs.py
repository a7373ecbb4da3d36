"""Write the generated parts of the documentation: reference tables, the README's picture and its table of answers.

`pages()` gives them as text, so that a test can say whether what is committed is fresh.
"""

from __future__ import annotations

from pathlib import Path

from simulator.reference import TABLES, markdown
from simulator.report import headline_picture
from simulator.results import Results
from simulator.running import compare_results, run
from simulator.words import amount, change

ROOT = Path(__file__).parent.parent
POLICIES = ("ringfence", "leadership", "both")
FUTURES = 1000
TITLES = {
    "parameters": "Parameters: every number in the model",
    "levers": "Levers: what a scenario can set",
    "outcomes": "Outcomes: what is measured",
    "evidence": "Evidence: what is cited",
    "scenarios": "Scenarios: the library",
}
START, END = "<!-- answers, written by make docs -->", "<!-- end of answers -->"


def reference(name: str) -> str:
    """One reference page."""
    return f"# {TITLES[name]}\n\nGenerated from the declarations by `make docs`; do not edit.\n\n{markdown(name)}"


def answers(runs: dict[str, Results]) -> str:
    """The README's table: each headline policy against today's rules, on what is kept and what is additional."""
    lines = [
        "| policy | outcome | level | against today's rules | likely range (80%) | better in | verdict |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for outcome in ("retained", "additional"):
        for policy in POLICIES:
            c = compare_results(runs[policy], runs["baseline"], outcome)
            unit = c.outcome.unit
            span = f"{change(c.likely[0], unit)} to {change(c.likely[1], unit)}"
            cells = (
                c.new, c.outcome.label.lower(), amount(c.new_mean, unit), change(c.difference, unit), span,
                f"{c.better_of_100} of 100", c.verdict,
            )  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
    m = runs["baseline"].manifest
    years = runs["baseline"].years[runs[POLICIES[0]].span()]
    note = f"{m.futures:,} paired futures, {years[0]} to {years[-1]}, seed {m.seed}; {m.badge}."
    return "\n".join([START, *lines, "", note, END])


def with_answers(readme: str, block: str) -> str:
    """The README with its table replaced. Raises ValueError if its markers are gone."""
    before, after = readme.index(START), readme.index(END) + len(END)
    return readme[:before] + block + readme[after:]


def pages() -> dict[Path, str]:
    """Every generated page: path and text."""
    runs = {name: run(name, FUTURES) for name in ("baseline", *POLICIES)}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return {
        **{ROOT / "docs" / "reference" / f"{name}.md": reference(name) for name in TABLES},
        ROOT / "docs" / "images" / "headline.svg": headline_picture(runs),
        ROOT / "README.md": with_answers(readme, answers(runs)),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
