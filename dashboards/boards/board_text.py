"""Sentences of the Boards page, from the numbers of a map."""

from __future__ import annotations

import numpy as np

from dashboards.boards.board_map import CLEAR, BoardMap
from dashboards.boards.merged_boards import THIRDS
from simulator.common.formatting import format_number, join_words

CAVEAT = (
    "No board's line is a forecast of that board, or a judgement on it. Its fund, size, deprivation, distance from "
    "target and mergers are real; its finances and leaders are drawn afresh in every future."
)
SMALL, STRONG = 0.25, 0.5


def write_title(board_map: BoardMap) -> str:
    """What the map shows, in one sentence."""
    found = [body for body in board_map.looked_at if board_map.means[body] == board_map.means[body]]
    if not found:
        return "No board passes these filters: choose others" if not board_map.kept else "These boards hold no money"
    return _write_difference_title(board_map, found) if board_map.signed else _write_level_title(board_map, found)


def _write_level_title(board_map: BoardMap, found: list[int]) -> str:
    about = f"({board_map.view.what}, {board_map.view.when})"
    low, high = (found[int(pick(board_map.means[found]))] for pick in (np.argmin, np.argmax))
    first, last = (f"£{format_number(float(board_map.means[body]))}" for body in (low, high))
    under = f"In this model, under {board_map.name(board_map.at.shown)}"
    if len(found) == 1:
        return f"{under} {board_map.bodies.names[low]} averages {first} in each £100 {about}"
    if first == last:
        return f"{under} all of these boards average about {first} in each £100 {about}"
    return (
        f"{under} boards average {first} ({board_map.bodies.names[low]}) to {last} ({board_map.bodies.names[high]}) in "
        f"each £100 {about}"
    )


def count_clear_differences(board_map: BoardMap) -> tuple[int, int, int]:
    """How many of the bodies looked at do better, worse, or cannot be told apart from the other scenario."""
    better = board_map.view.about.better or 1
    means, errors = board_map.means[board_map.looked_at] * better, board_map.errors[board_map.looked_at]
    clear = np.abs(means) > np.maximum(CLEAR * errors, 1e-9)
    return int((clear & (means > 0)).sum()), int((clear & (means < 0)).sum()), int((~clear).sum())


def _write_difference_title(board_map: BoardMap, found: list[int]) -> str:
    new, old = board_map.name(board_map.at.shown), board_map.name(board_map.at.against)
    better, worse, alike = count_clear_differences(board_map)
    about = f"({board_map.view.what}, {board_map.view.when})"
    if not np.nanmax(np.abs(board_map.values[:, found])) > 1e-9:
        return f"In this model {new} and {old} are the same for every board {about}"
    parts = [f"better for {better}"] if better else []
    parts += [f"worse for {worse}"] if worse else []
    parts += [f"not to be told apart for {alike}"] if alike else []
    whole = {better: "better", worse: "worse"}.get(len(found))
    said = (
        f"{whole} for all {len(found)} boards" if whole and len(found) > 1 else f"{join_words(parts)} of {len(found)}"
    )
    ends = sorted((float(board_map.means[body]), body) for body in found)
    if len(ends) == 1:
        return (
            f"In this model, on average, {board_map.bodies.names[ends[0][1]]} has {board_map.words(ends[0][1])} {about}"
        )
    span = (
        f"from {board_map.short(ends[0][0])} ({board_map.bodies.names[ends[0][1]]}) to {board_map.short(ends[-1][0])} "
        f"({board_map.bodies.names[ends[-1][1]]})"
    )
    return f"In this model, on average, {new} is {said} compared with {old}: {span} in each £100 {about}"


def estimate_place_share(board_map: BoardMap) -> float:
    """The part of the variance between bodies in a single future that comes back in their averages; 0 to 1.

    What chance alone would leave in the averages is taken off. nan for fewer than two bodies.
    """
    values = board_map.values[:, board_map.looked_at]
    values = values[np.isfinite(values).all(axis=1)]
    if values.shape[1] < 2 or len(values) < 2:
        return float("nan")
    within = float(values.var(axis=1).mean())
    if within <= 1e-12:
        return float("nan")
    noise = float((values.var(axis=0, ddof=1) / len(values)).mean())
    return float(np.clip((values.mean(axis=0).var() - noise) / within, 0.0, 1.0))


def describe_chance(board_map: BoardMap) -> str:
    """How far boards differ in one future, and how much of that is place."""
    share = estimate_place_share(board_map)
    if share != share:
        return ""
    each = np.nanquantile(board_map.values[:, board_map.looked_at], (0.1, 0.9), axis=1).mean(axis=1)
    low, high = (board_map.short(float(x)) for x in each)
    lie = f"In any one future boards lie further apart: 80 of 100 of them between about {low} and {high}."
    part = "Less than 1 part in 100" if share < 0.01 else f"About {format_number(100 * share)} parts in 100"
    part = part.replace("About 1 parts", "About 1 part")
    rest = "the rest is luck, drawn afresh for every board" if share < SMALL else "so where a board is matters here"
    return f"{lie} {part} of that spread (variance) comes back in the averages; {rest}."


def describe_correlates(board_map: BoardMap) -> str:
    """What the averages go with: deprivation, and distance from target where that is strong."""
    thirds, parts = board_map.boards.thirds(), []
    areas = [
        i for i in board_map.kept if board_map.means[board_map.bodies.of[i]] == board_map.means[board_map.bodies.of[i]]
    ]
    for third in (2, 1, 0):
        some = [float(board_map.means[board_map.bodies.of[i]]) for i in areas if thirds[i] == third]
        if some:
            parts.append(f"{THIRDS[third].lower()} {board_map.short(float(np.mean(some)))}")
    said = f"Averages by deprivation: {join_words(parts)}." if len(parts) > 1 else ""
    target = board_map.boards.areas["target_z"][areas]
    means = board_map.means[board_map.bodies.of[areas]]
    if len(areas) > 5 and target.std() > 0 and means.std() > 0:
        r = float(np.corrcoef(target, means)[0, 1])
        if abs(r) > STRONG:
            word = "higher" if r > 0 else "lower"
            said += (
                f" The averages are {word} where the allocation lies further above its fair-shares target "
                f"(correlation {'−' if r < 0 else ''}{abs(r):.2f})."
            )
    return said.strip()


def describe_precision(board_map: BoardMap) -> str:
    """How far more futures would move an average."""
    n = board_map.values.shape[0]
    errors = board_map.errors[board_map.looked_at]
    if not len(errors) or not np.isfinite(errors).all():
        return ""
    return f"Averages over {n:,} futures, each known to about ±£{format_number(2 * float(errors.mean()))}."
