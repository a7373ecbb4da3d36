"""Write the generated pages of docs/: reference tables and the README's picture. A test says whether they are fresh."""

from __future__ import annotations

import sys
from pathlib import Path

from simulator.reference import TABLES, markdown
from simulator.report import headline_picture
from simulator.running import run

DOCS = Path(__file__).parent.parent / "docs"
TITLES = {
    "parameters": "Parameters: every number in the model",
    "levers": "Levers: what a scenario can set",
    "outcomes": "Outcomes: what is measured",
    "evidence": "Evidence: what is cited",
    "scenarios": "Scenarios: the library",
}


def reference(name: str) -> str:
    """One reference page."""
    return f"# {TITLES[name]}\n\nGenerated from the declarations by `make docs`; do not edit.\n\n{markdown(name)}"


def pages() -> dict[Path, str]:
    """Every generated page that does not need the model to run."""
    return {DOCS / "reference" / f"{name}.md": reference(name) for name in TABLES}


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if "--pages" not in sys.argv:
        shown = {name: run(name, 1000) for name in ("baseline", "ringfence", "leadership", "both")}
        (DOCS / "images" / "headline.svg").write_text(headline_picture(shown), encoding="utf-8")
