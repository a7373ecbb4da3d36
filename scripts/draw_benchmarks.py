"""Draws docs/images/benchmarks.svg: the ratios of docs/benchmarks.jsonl, the last version filled, others hollow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10
from pathlib import Path

from bench_record import RATIOS, RecordLine, read_record
from markupsafe import Markup

from simulator.charts.axes import RIGHT, Row, Scale, draw_label, make_card, stack_rows
from simulator.charts.palette import BLUE, RULE, WHITE
from simulator.charts.svg import Stroke, draw_circle, draw_line, draw_note
from simulator.common.html import join_pieces

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "benchmarks.svg"
POWERS = range(4)


def draw_picture(lines: Sequence[RecordLine]) -> str:
    """The SVG, the same on every machine. `lines` oldest first; raises ValueError if there is none."""
    if not lines:
        raise ValueError("the record holds no line to draw")
    last = lines[-1]
    names = [name for name in RATIOS if name in last["ratios"]]
    scale = Scale(POWERS[0], POWERS[-1], 12, RIGHT - 14)

    def place(name: str) -> Callable[[float], Markup]:
        def draw(y: float) -> Markup:
            marks = [
                draw_circle(
                    scale(log10(line["ratios"][name])), y, 4, BLUE if line is last else WHITE, Stroke(BLUE, 1.6)
                )
                for line in lines
                if name in line["ratios"]
            ]
            return join_pieces([draw_line(scale.start, y, scale.end, y, Stroke(RULE)), *marks])

        return draw

    def value(name: str) -> str:
        return f"{last['ratios'][name]:,.3g} {'↑' if RATIOS[name].more_is_better else '↓'}"

    rows, bottom = stack_rows([Row(RATIOS[name].says, value(name), place(name), 38) for name in names])
    axis = []
    for power in POWERS:
        x = scale(power)
        axis += [draw_line(x, 6, x, bottom + 4, Stroke(RULE)), draw_note(x, bottom + 18, f"{10**power:,}", "middle")]
    axis.append(draw_label((scale.start + scale.end) / 2, bottom + 36, "times; ↓ less is better, ↑ more is better", 48))
    title = f"Speed as ratios, version {last['version']}"
    description = (
        f"Ratios of processor times within one run, on {last['processor']}, {last['date']}: "
        + "; ".join(f"{RATIOS[name].says} {last['ratios'][name]:.3g}" for name in names)
        + ". Hollow marks are earlier versions."
    )
    return f"{make_card(title, description, bottom + 48, *axis, rows)}\n"


def write_picture() -> None:
    """Draw the record again."""
    PICTURE.write_text(draw_picture(read_record()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_picture()
