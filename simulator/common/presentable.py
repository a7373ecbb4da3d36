"""What an answer can do in a notebook: a short `repr`, HTML, a table, a dictionary, a picture and a file.

A class that inherits from `Presentable` says what it is in a sentence and a table, and which columns make its picture.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from simulator.common.atomic_files import write_bytes
from simulator.common.crate_folder import LICENCE, CrateContent, CrateFile, format_table, write_crate_folder
from simulator.common.errors import InputError
from simulator.common.paths import expand_path

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FORMAT = "ringfence-answer-1"
ANSWER, TABLE = "answer.json", "table.csv"
"""The files of an answer in a crate."""

MOST_SHOWN, LONGEST = 20, 400
"""Rows of a table, and characters of a sentence, that a notebook shows by itself."""

WIDTH, ROW_HEIGHT, MARGIN = 7.0, 0.32, 1.3
"""Size of a picture in inches: its width, the height of a bar, and what stands above and below the bars."""

BINS = 25


@dataclass(frozen=True)
class PictureColumns:
    """Which columns of an answer's table make its picture.

    `kind` is "bars" (a bar a row, named by `label`), "line" (`value` against `label`) or "histogram" (of `value`). The
    `label` of bars may be several columns, joined by "+".
    `low` and `high` are the columns of an interval, and `half_width` that of half its width, where there are any.
    `axis` is what stands along the axis of the values, and `infinite` what a table that is shown says for infinity.
    """

    kind: str
    label: str
    value: str
    axis: str
    low: str = ""
    high: str = ""
    half_width: str = ""
    infinite: str = "∞"


class Presentable:
    """An answer with a sentence, a table and a picture. Subclasses give `sentence`, `to_frame` and `picture`."""

    @property
    def question(self) -> str:
        """The name of the question, such as "compare"."""
        raise NotImplementedError

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        raise NotImplementedError

    @property
    def assumes(self) -> str:
        """What the answer rests on: futures, seed, and how the parameters are known."""
        raise NotImplementedError

    @property
    def settings(self) -> Mapping[str, object]:
        """What was asked, by name."""
        return {}

    @property
    def picture(self) -> PictureColumns:
        """Which columns of the table are drawn."""
        raise NotImplementedError

    def to_frame(self) -> pd.DataFrame:
        """The numbers as a table."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, object]:
        """Everything as JSON can hold it; numbers that are not finite are the texts "nan", "inf" and "-inf"."""
        frame = self.to_frame()
        return {
            "format": FORMAT,
            "question": self.question,
            "sentence": self.sentence,
            "assumes": self.assumes,
            "settings": {name: to_plain(value) for name, value in self.settings.items()},
            "picture": asdict(self.picture),
            **({"measures": {name: to_plain(value) for name, value in self.measures.items()}} if self.measures else {}),
            "table": {str(name): [to_plain(value) for value in frame[name]] for name in frame.columns},
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the answer with matplotlib, into `ax` or a new figure. Returns the axes.

        Raises InputError if matplotlib is not installed, and for what is no axes.
        """
        return draw_picture(self.to_frame(), self.picture, ax)

    def save(self, path: str | Path) -> Path:
        """Write a JSON file, whole or not at all, which `rf.load` reads. Returns its path.

        Raises InputError for another kind of file, and FileWriteError.
        """
        path = expand_path(path)
        if path.suffix.lower() != ".json":
            raise InputError(f"{path.name}: answers are saved as JSON, so name the file {path.stem}.json")
        write_bytes(path, to_json(self.to_dict()))
        return path

    def save_crate(
        self, folder: str | Path, *, title: str = "", authors: Sequence[str] = (), licence: str = LICENCE
    ) -> Path:
        """Write an RO-Crate: a folder ready to deposit, with the answer, its table, versions, licence and a README.

        The folder holds what the answer was asked with, scenarios, boards and every row of evidence of your own, and
        the README has the call that makes the answer again from them. `licence` is the address of the licence of the
        data. Returns the folder, which `rf.load` reads. Raises InputError for a folder that holds something, and
        FileWriteError.
        """
        return write_crate_folder(self.make_crate_content(), folder, title=title, authors=authors, licence=licence)

    def make_crate_content(self) -> CrateContent:
        """What a crate of this answer holds and says."""
        document = self.to_dict()
        asked = json.dumps(document["settings"], ensure_ascii=False, allow_nan=False)
        return CrateContent(
            title=f"Health inequalities money in England's NHS: an answer to “{self.question}”",
            description=f"{self.sentence} ({self.assumes})",
            files={
                ANSWER: CrateFile("The answer: sentence, what it rests on, settings and table", to_json(document)),
                TABLE: CrateFile("The table of the answer", format_table(self.to_frame())),
            },
            result=ANSWER,
            action=f"The question “{self.question}”",
            record=f"Settings: {asked}",
            readme=[
                "```python",
                "import simulator as rf",
                "",
                f'answer = rf.load("{ANSWER}")',
                "print(answer, answer.settings)",
                "```",
                "",
                f"The question was `rf.{self.question}`, with these settings:",
                "",
                "```json",
                json.dumps(document["settings"], ensure_ascii=False, indent=1, allow_nan=False),
                "```",
                "",
            ],
        )

    @property
    def measures(self) -> Mapping[str, float]:
        """Numbers that the sentence rounds, in full precision, by name."""
        return {}

    def __repr__(self) -> str:
        numbers = "".join(f"; {name} = {value:.6g}" for name, value in self.measures.items())
        sentence = textwrap.shorten(self.sentence, LONGEST, placeholder=" ...")
        return f"{type(self).__name__}({self.question}: {sentence}{numbers})"

    def __str__(self) -> str:
        return f"{self.sentence}\n({self.assumes})"

    def _repr_html_(self) -> str:
        table = self.to_frame()
        more = f"{len(table) - MOST_SHOWN} more rows are in to_frame(). " if len(table) > MOST_SHOWN else ""
        head = Markup("<p>{}</p>").format(self.sentence)
        return (
            head
            + frame_to_markup(_name_infinities(table.head(MOST_SHOWN).round(4), self.picture.infinite), index=False)
            + Markup("<p><small>{}{}</small></p>").format(more, self.assumes)
        )


def to_json(document: Mapping[str, object]) -> bytes:
    """A document as the bytes of a JSON file. Raises ValueError for numbers that are not finite."""
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def frame_to_markup(table: pd.DataFrame, index: bool = True) -> Markup:
    """A table as HTML."""
    return Markup(table.to_html(index=index))  # noqa: S704 (pandas escapes every cell)


def _name_infinities(table: pd.DataFrame, words: str) -> pd.DataFrame:
    """A table with words for what is infinite."""
    shown = table.copy()
    for name in shown.select_dtypes("number").columns:
        if np.isinf(shown[name].to_numpy(float)).any():
            shown[name] = [words if math.isinf(value) else value for value in shown[name]]
    return shown


def to_plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [to_plain(item) for item in value]
    return str(value)


def read_column(values: Sequence[Any]) -> Sequence[Any]:
    """A column of a saved table: texts of numbers that are not finite become numbers where the rest are numbers."""
    texts = [value for value in values if isinstance(value, str)]
    numbers = [value for value in values if isinstance(value, float)]
    if all(text in ("nan", "inf", "-inf") for text in texts) and (texts or numbers):
        return [float(value) for value in values]
    return values


def draw_picture(table: pd.DataFrame, columns: PictureColumns, ax: Axes | None = None) -> Axes:
    """Draw a table. Returns the axes. Raises InputError if matplotlib is not installed."""
    try:
        from matplotlib import pyplot
    except ImportError as missing:
        raise InputError(
            "pictures in a notebook take matplotlib: install it, or ringfence with its extra `plot`"
        ) from missing
    if ax is not None and not hasattr(ax, "barh"):
        raise InputError(f"ax is matplotlib's axes, such as `figure, ax = pyplot.subplots()`, not {str(ax)[:60]}")
    if ax is None:
        rows = min(len(table), MOST_SHOWN) if columns.kind == "bars" else 10
        _, ax = pyplot.subplots(figsize=(WIDTH, MARGIN + ROW_HEIGHT * rows), layout="constrained")
    {"bars": _draw_bars, "line": _draw_line, "histogram": _draw_histogram}[columns.kind](ax, table, columns)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _find_ends(table: pd.DataFrame, columns: PictureColumns) -> tuple[Any, Any] | None:
    """Both ends of the interval, (rows,) each, or None where there is none."""
    if columns.half_width:
        middle, half = table[columns.value].to_numpy(float), table[columns.half_width].to_numpy(float)
        return middle - half, middle + half
    if columns.low:
        return table[columns.low].to_numpy(float), table[columns.high].to_numpy(float)
    return None


def _draw_bars(ax: Axes, table: pd.DataFrame, columns: PictureColumns) -> None:
    shown = table.head(MOST_SHOWN)
    values = shown[columns.value].to_numpy(float)
    rows = np.arange(len(shown))
    ax.barh(rows, values, height=0.6, color="#7fa3b8")
    if (ends := _find_ends(shown, columns)) is not None:
        ax.hlines(rows, *ends, color="#1d3d4f", linewidth=1.5)
    labels = zip(*(shown[name].astype(str) for name in columns.label.split("+")), strict=True)
    ax.set_yticks(rows, [": ".join(parts).replace("_", " ") for parts in labels])
    ax.invert_yaxis()
    ax.axvline(0, color="#444444", linewidth=0.8)
    ax.set_xlabel(columns.axis)


def _draw_line(ax: Axes, table: pd.DataFrame, columns: PictureColumns) -> None:
    along = table.sort_values(columns.label)
    x = along[columns.label]
    if (ends := _find_ends(along, columns)) is not None:
        ax.fill_between(x, *ends, color="#7fa3b8", alpha=0.35, linewidth=0)
    ax.plot(x, along[columns.value], color="#1d3d4f")
    ax.set_xlabel(columns.label.replace("_", " "))
    ax.set_ylabel(columns.axis)


def _draw_histogram(ax: Axes, table: pd.DataFrame, columns: PictureColumns) -> None:
    values = table[columns.value].to_numpy(float)
    finite = values[np.isfinite(values)]
    ax.hist(finite, bins=BINS, color="#7fa3b8")
    missing = len(values) - len(finite)
    also = f" (none in {missing} of {len(values)})" if missing else ""
    ax.set_xlabel(f"{columns.axis}{also}")
    ax.set_ylabel("how many")
