"""What an answer can do in a notebook: a short `repr`, HTML, a table, a dictionary, a picture and a file.

A class that inherits from `Presentable` says what it is in a sentence and a table, and which columns make its picture.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from simulator.common.atomic_files import write_bytes
from simulator.common.crate_folder import LICENCE, CrateContent, CrateFile, format_table, write_crate_folder
from simulator.common.errors import InputError
from simulator.common.paths import expand_path
from simulator.common.pictures.columns import PictureColumns
from simulator.common.pictures.draw import draw_picture

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FORMAT = "ringfence-answer-1"
ANSWER, TABLE = "answer.json", "table.csv"
"""The files of an answer in a crate."""

MOST_SHOWN, LONGEST = 20, 400
"""Rows of a table, and characters of a sentence, that a notebook shows by itself."""


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

        What is drawn is what `picture` says: `value` of each row, an interval that the legend names, and beside it
        a second value where there is one. A new figure is as high as its rows need. In axes of your own the layout is
        yours, and nothing of it is changed: names of rows are wrapped to the margin on the left or stand inside the
        axes, and of many rows those are drawn that can be read there, which the legend says. A figure of
        `layout="constrained"` gives names the most room.

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
