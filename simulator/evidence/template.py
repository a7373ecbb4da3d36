"""A file of evidence to start from, with comments."""

from __future__ import annotations

from pathlib import Path

from simulator.runs.posterior import find_data_folder

TEMPLATE = """\
# Evidence of your own. Check it with:  ringfence evidence check {name}
# See what it changes with:            ringfence evidence add {name}
# Use it anywhere with:                ringfence compare --with {name}
title: What three boards kept in 2022/23
because: Answers to a freedom of information request. (Invented; replace it.)

# What single boards did: a share of their money, and how far it may be off (one standard deviation).
# what: planned, retained, spent, strict, place, front, core20 or additional.
# Many rows are better kept in a CSV file:  - {{rows: mine.csv, what: retained, error: 0.05}}
observations:
  - {{board: QWO, year: 2022/23, what: retained, value: 100%, error: 0.05, source: "invented"}}
  - {{board: QF7, year: 2022/23, what: retained, value: 0, error: 0.05, source: "invented"}}
  - {{board: QHM, year: 2022/23, what: retained, value: 0.6, error: 0.10, source: "invented"}}

# Anything believed to track leaders, such as a rating or a survey, in any unit. It teaches something beside rows of
# the same boards, and nothing if it turns out not to go with them.
# scores:
#   - {{name: annual assessment, of: chief, year: 2022/23, rows: assessment.csv}}

# Figures for England. Those that the model was fitted to are shown with 'in_fit: yes', and not counted again.
# A count of boards needs no error: count says how many, of how many answered, 42 at most.
# national:  (what counts boards: kept_in_full, kept_none and deficits)
#   - {{what: kept_in_full, year: 2024/25, count: 12, of: 42, source: "..."}}
#   - {{what: retained, year: 2024/25, value: 0.3, error: 0.1, source: "..."}}

# What people say, with how far it is believed. A claim is about what happens on average over chance.
# statements:
#   - {{claim: leadership > ringfence, outcome: retained, credence: 0.7, because: "..."}}
"""


def make_template(name: str) -> str:
    """The text of a file of this name."""
    return TEMPLATE.format(name=name)


def list_examples() -> list[Path]:
    """The files of evidence that ship as examples; every one is invented, and says so."""
    return sorted((find_data_folder() / "example_evidence").glob("*.yaml"))
