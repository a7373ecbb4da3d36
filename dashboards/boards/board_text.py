"""Sentences of the Boards page, from the numbers of a map."""

from __future__ import annotations

import numpy as np

from dashboards.boards.board_map import CLEAR, BoardMap
from dashboards.selection.map_selection import THIRDS
from simulator.common.formatting import format_number, join_words

CAVEAT = (
    "No board's line is a forecast of that board, or a judgement on it. Its fund, size, deprivation, distance from "
    "target and mergers are real; its finances and leaders are drawn afresh in every future."
)
SMALL, STRONG = 0.25, 0.5


def write_title(board_map: BoardMap) -> str:
    """What the map shows, in one sentence."""
    boards = [board for board in board_map.visible_boards if board_map.means[board] == board_map.means[board]]
    if not boards:
        return (
            "No board passes these filters: choose others"
            if not board_map.visible_areas
            else "These boards hold no money"
        )
    return _write_difference_title(board_map, boards) if board_map.signed else _write_level_title(board_map, boards)


def _write_level_title(board_map: BoardMap, boards: list[int]) -> str:
    about = f"({board_map.view.what}, {board_map.view.when})"
    low, high = (boards[int(pick(board_map.means[boards]))] for pick in (np.argmin, np.argmax))
    first, last = (f"£{format_number(float(board_map.means[board]))}" for board in (low, high))
    under = f"In this model, under {board_map.name_scenario(board_map.selection.shown)}"
    if len(boards) == 1:
        return f"{under} {board_map.merged.names[low]} averages {first} in each £100 {about}"
    if first == last:
        return f"{under} all of these boards average about {first} in each £100 {about}"
    return (
        f"{under} boards average {first} ({board_map.merged.names[low]}) to {last} ({board_map.merged.names[high]}) in "
        f"each £100 {about}"
    )


def count_clear_differences(board_map: BoardMap) -> tuple[int, int, int]:
    """How many of the boards shown do clearly better than in the other scenario, clearly worse, or neither."""
    better = board_map.view.about.better or 1
    means, errors = board_map.means[board_map.visible_boards] * better, board_map.errors[board_map.visible_boards]
    clear = np.abs(means) > np.maximum(CLEAR * errors, 1e-9)
    return int((clear & (means > 0)).sum()), int((clear & (means < 0)).sum()), int((~clear).sum())


def _write_difference_title(board_map: BoardMap, boards: list[int]) -> str:
    new, old = board_map.name_scenario(board_map.selection.shown), board_map.name_scenario(board_map.selection.against)
    better, worse, alike = count_clear_differences(board_map)
    about = f"({board_map.view.what}, {board_map.view.when})"
    if not np.nanmax(np.abs(board_map.values[:, boards])) > 1e-9:
        return f"In this model {new} and {old} are the same for every board {about}"
    counts = [f"better for {better}"] if better else []
    counts += [f"worse for {worse}"] if worse else []
    counts += [f"not clearly different for {alike}"] if alike else []
    verdict = {better: "better", worse: "worse"}.get(len(boards))
    verdict = (
        f"{verdict} for all {len(boards)} boards"
        if verdict and len(boards) > 1
        else f"{join_words(counts)} of {len(boards)}"
    )
    ends = sorted((float(board_map.means[board]), board) for board in boards)
    (low, first), (high, last) = ends[0], ends[-1]
    if len(boards) == 1:
        return (
            f"In this model, on average, {board_map.merged.names[first]} has {board_map.describe_value(first)} {about}"
        )
    span = (
        f"from {board_map.format_value(low)} ({board_map.merged.names[first]}) to {board_map.format_value(high)} "
        f"({board_map.merged.names[last]})"
    )
    return f"In this model, on average, {new} is {verdict} compared with {old}: {span} in each £100 {about}"


def estimate_place_share(board_map: BoardMap) -> float:
    """The part of the variance between boards in a single future that remains in their averages; 0 to 1.

    What chance alone would leave in the averages is taken off. nan for fewer than two boards.
    """
    values = board_map.values[:, board_map.visible_boards]
    values = values[np.isfinite(values).all(axis=1)]
    if values.shape[1] < 2 or len(values) < 2:
        return float("nan")
    within = float(values.var(axis=1).mean())
    if within <= 1e-12:
        return float("nan")
    noise = float((values.var(axis=0, ddof=1) / len(values)).mean())
    return float(np.clip((values.mean(axis=0).var() - noise) / within, 0.0, 1.0))


def describe_chance(board_map: BoardMap) -> str:
    """How far boards differ in one future, and how much of that is due to where they are."""
    share = estimate_place_share(board_map)
    if share != share:
        return ""
    each = np.nanquantile(board_map.values[:, board_map.visible_boards], (0.1, 0.9), axis=1).mean(axis=1)
    low, high = (board_map.format_value(float(x)) for x in each)
    spread = f"In any one future boards lie further apart: 80 of 100 of them between about {low} and {high}."
    part = "Less than 1 part in 100" if share < 0.01 else f"About {format_number(100 * share)} parts in 100"
    part = part.replace("About 1 parts", "About 1 part")
    rest = "the rest is chance, drawn afresh for every board" if share < SMALL else "so where a board is matters here"
    return f"{spread} {part} of that spread (variance) remains in the averages; {rest}."


def describe_correlates(board_map: BoardMap) -> str:
    """What the averages vary with: deprivation, and distance from target where that is strong."""
    thirds, board_of = board_map.boards.thirds(), board_map.merged.board_of
    areas = [area for area in board_map.visible_areas if np.isfinite(board_map.means[board_of[area]])]
    averages = []
    for third in (2, 1, 0):
        means = [float(board_map.means[board_of[area]]) for area in areas if thirds[area] == third]
        if means:
            averages.append(f"{THIRDS[third].lower()} {board_map.format_value(float(np.mean(means)))}")
    sentences = [f"Averages by deprivation: {join_words(averages)}."] if len(averages) > 1 else []
    target = board_map.boards.areas["target_z"][areas]
    values = board_map.means[board_of[areas]]
    if len(areas) > 5 and target.std() > 0 and values.std() > 0:
        correlation = float(np.corrcoef(target, values)[0, 1])
        if abs(correlation) > STRONG:
            word, sign = ("higher", "") if correlation > 0 else ("lower", "−")
            sentences.append(
                f"The averages are {word} where the allocation lies further above its fair-shares target "
                f"(correlation {sign}{abs(correlation):.2f})."
            )
    return " ".join(sentences)


def describe_precision(board_map: BoardMap) -> str:
    """How far more futures would move an average."""
    n = board_map.values.shape[0]
    errors = board_map.errors[board_map.visible_boards]
    if not len(errors) or not np.isfinite(errors).all():
        return ""
    return f"Averages over {n:,} futures, each known to about ±£{format_number(2 * float(errors.mean()))}."
