"""Sentences of the Boards page, from the numbers of a map."""

from __future__ import annotations

import numpy as np

from dashboards.boards.board_groups import find_leader
from dashboards.boards.board_map import CLEAR, BoardMap
from dashboards.boards.merged_boards import list_map_days
from dashboards.computing.shared_rendering import share_rendering
from simulator.common.formatting import format_number, join_words
from simulator.experiments.core.clustered_errors import Z_95

CAVEAT = (
    "No board's line is a forecast of that board, or a judgement on it. Its fund, size, deprivation, distance from "
    "target and mergers are real; its finances and leaders are drawn afresh in every future."
)
SMALL, STRONG = 0.25, 0.5


@share_rendering
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
    about = _describe_scope(board_map)
    low, high = (float(pick(board_map.means[boards])) for pick in (np.min, np.max))
    first, last = (board_map.format_value(x) for x in (low, high))
    under = f"In this model, under {board_map.name_scenario(board_map.selection.shown)}"
    if len(boards) == 1:
        return f"{under} {board_map.merged.names[boards[0]]} averages {first} in each £100 {about}"
    if first == last:
        return f"{under} all {len(boards)} boards average about {first} in each £100 {about}"
    named = _name_leaders(board_map, boards)
    return f"{under} {len(boards)} boards average {first} to {last} in each £100 {about}{named}"


def _describe_scope(board_map: BoardMap) -> str:
    """What is counted, when, and which boards there are: those of the map."""
    day = next(name for name, q in list_map_days(board_map.boards).items() if q == board_map.map_day)
    boards = "" if day == "No mergers" else f"; boards as they stand {day[0].lower()}{day[1:]}"
    return f"({board_map.view.what}, {board_map.view.when}{boards})"


def _name_leaders(board_map: BoardMap, boards: list[int]) -> str:
    """The first and the last board, where they can be told from all others; else "", for nobody is named by chance."""
    values, phrases = board_map.values[:, boards], []
    for sign, word in ((1, "most"), (-1, "least")):
        leader = find_leader(values, sign)
        if leader is not None:
            name = board_map.merged.names[boards[leader[0]]]
            phrases.append(f"{name} has {word}, in {leader[1]} of 100 futures")
    return f"; {join_words(phrases)}" if phrases else ""


def count_clear_differences(board_map: BoardMap) -> tuple[int, int, int]:
    """How many of the boards shown do clearly better than in the other scenario, clearly worse, or neither."""
    better = board_map.view.about.better or 1
    means, errors = board_map.means[board_map.visible_boards] * better, board_map.errors[board_map.visible_boards]
    clear = np.abs(means) > np.maximum(CLEAR * errors, 1e-9)
    return int((clear & (means > 0)).sum()), int((clear & (means < 0)).sum()), int((~clear).sum())


def _write_difference_title(board_map: BoardMap, boards: list[int]) -> str:
    new, old = board_map.name_scenario(board_map.selection.shown), board_map.name_scenario(board_map.selection.against)
    better, worse, alike = count_clear_differences(board_map)
    about = _describe_scope(board_map)
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
    ends = sorted((float(board_map.amounts[board]), board) for board in boards)
    (low, first), (high, _) = ends[0], ends[-1]
    if len(boards) == 1:
        return (
            f"In this model, on average, {board_map.merged.names[first]} has {board_map.describe_value(first)} {about}"
        )
    first_words, last_words = board_map.format_value(low), board_map.format_value(high)
    span = f"from {first_words} to {last_words}" if first_words != last_words else f"by about {last_words}"
    named = _name_leaders(board_map, boards)
    verdict += ", as the model assumes," if board_map.sign_assumed and not (better and worse) else ""
    return f"In this model, on average, {new} is {verdict} compared with {old}: {span} in each £100 {about}{named}"


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
    spread = f"In any one future boards lie further apart: 8 in 10 of them lie between about {low} and {high}."
    part = "Less than 1 part in 100" if share < 0.01 else f"About {format_number(100 * share)} parts in 100"
    part = part.replace("About 1 parts", "About 1 part")
    rest = "the rest is chance, drawn afresh for every board" if share < SMALL else "so where a board is matters here"
    return f"{spread} {part} of that spread (variance) remains in the averages; {rest}."


def describe_correlates(board_map: BoardMap) -> str:
    """Whether the averages go with the distance from target, where they do so strongly; else ""."""
    board_of = board_map.merged.board_of
    areas = [area for area in board_map.visible_areas if np.isfinite(board_map.means[board_of[area]])]
    target, values = board_map.boards.areas["target_z"][areas], board_map.means[board_of[areas]]
    if len(areas) <= 5 or not target.std() > 0 or not values.std() > 0:
        return ""
    correlation = float(np.corrcoef(target, values)[0, 1])
    if abs(correlation) <= STRONG:
        return ""
    word, sign = ("higher", "") if correlation > 0 else ("lower", "−")
    return (
        f"The averages are {word} where the allocation lies further above its fair-shares target "
        f"(correlation {sign}{abs(correlation):.2f}, where {sign}1 would be fully in step)."
    )


def describe_precision(board_map: BoardMap) -> str:
    """How far more futures would move an average."""
    n = board_map.values.shape[0]
    errors = board_map.errors[board_map.visible_boards]
    if not len(errors) or not np.isfinite(errors).all():
        return ""
    return f"Averages over {n:,} futures; more could move each by about £{format_number(Z_95 * float(errors.mean()))}."
