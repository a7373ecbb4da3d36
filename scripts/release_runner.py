"""Runs a deck of scenarios with whichever version of Ringfence is imported, old ones too, and prints what came out.

`python release_runner.py` reads a deck as JSON from stdin and writes JSON to stdout. It uses nothing but what version
0.1 had: `load_scenario`, `draw_futures`, `run` and `Results.outcome`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

YEARS = "2027/28-2029/30"


def run_deck(deck: dict[str, Any]) -> dict[str, Any]:
    """The results of a deck's items by name: a digest of all national values, and each outcome's mean.

    An item that this version cannot run has an `error` instead.
    """
    import simulator as rf

    drawn: dict[str, Any] = {}
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for item in deck["items"]:
            try:
                results[item["name"]] = _run_item(rf, item, deck, drawn, Path(folder))
            except Exception as error:  # an old version may fail in ways of its own
                results[item["name"]] = {"error": f"{type(error).__name__}: {error}"[:300]}
    return results


def _run_item(rf: Any, item: Any, deck: Any, drawn: dict[str, Any], folder: Path) -> dict[str, Any]:
    key = json.dumps(item["settings"], sort_keys=True)
    if key not in drawn:
        drawn[key] = rf.draw_futures(deck["futures"], seed=deck["seed"], settings=item["settings"])
    which: Any = item.get("library")
    if which is None:
        which = folder / "scenario.yaml"
        which.write_text(item["text"], encoding="utf-8")
    elif which not in rf.scenario_names():
        raise LookupError(f"there is no scenario {which}")
    results = rf.run(rf.load_scenario(which), futures=drawn[key])
    values = results.nation.view("f8").astype("<f8").tobytes()
    means = {name: float(f"{_mean(results.outcome(name, YEARS)):.12g}") for name in rf.OUTCOMES}
    return {"digest": hashlib.sha256(values).hexdigest()[:16], "means": means}


def _mean(values: Any) -> float:
    finite = values[values == values]
    return float(finite.mean()) if len(finite) else 0.0


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):  # whatever an old version prints on the way
        outcome = run_deck(json.load(sys.stdin))
    json.dump(outcome, sys.stdout)
