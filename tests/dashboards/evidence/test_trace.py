"""A number on the screen can be made again from its trace, by a script that knows nothing of the dashboard's code."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markupsafe import escape

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from stated_numbers import POSTS_BEGIN, Stated, Truth, is_rounding, sign_gap

import simulator as rf
from dashboards.computing.answer_view import view_answer
from dashboards.computing.result_store import ResultStore
from dashboards.evidence import says_who
from dashboards.evidence.trace import make_trace
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from dashboards.tabs.answer import render_answer_cards
from simulator.declarations.evidence import load_register

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

N = 500
OF_THE_FUND = "In this model of the health inequalities money of England's integrated care boards, "
SLOTS = (TODAYS_RULES, Slot("ringfence"), Slot("leadership", "Own", (LeverEdit("audit", 0.5, 20, 4),)), Slot("both"))


@pytest.fixture(scope="module")
def traced(store: ResultStore) -> tuple[dict[str, Any], str, Truth]:
    view = view_answer(store.answer(Selection(SLOTS, futures=500), N))
    return json.loads(json.dumps(make_trace(view))), render_answer_cards(view), Truth(view)


def make_again(number: dict[str, Any], trace: dict[str, Any], nations: dict[str, Any]) -> float:
    """What docs/guide/trace.md says, in a few lines of NumPy."""
    today = nations["A"]
    years = [list(today["years"]).index(year) for year in number["years"]]
    formula = trace["outcomes"][number["outcome"]]

    def count(letter: str) -> np.ndarray:
        nation = nations[letter]["nation"]
        top, bottom = (
            sum((-1.0 if term[0] == "-" else 1.0) * nation[term.lstrip("-")][:, years].sum(axis=1) for term in terms)
            for terms in (formula["over"], formula["by"])
        )
        return np.asarray(100 * top / bottom)

    fund = float(today["nation"]["funding"][:, years].mean())
    values = count(number["scenario"]) - (count(number["against"]) if number["against"] else 0.0)
    kinds = {"more": values > 1e-10, "less": values < -1e-10, "same": np.abs(values) <= 1e-10}
    if number["statistic"] in kinds:
        return float(kinds[number["statistic"]].mean())
    return {
        "mean": float(values.mean()),
        "quantile": float(np.quantile(values, number.get("quantile", 0.5))),
        "margin": float(1.959963984540054 * values.std(ddof=1) / len(values) ** 0.5),
        "fund": fund,
        "millions": float(values.mean()) / 100 * fund,
    }[number["statistic"]]


def test_100_numbers_of_the_screen_are_made_again_from_their_trace(
    traced: tuple[dict[str, Any], str, Truth], tmp_path: Path
) -> None:
    trace, html, _ = traced
    assert (trace["format"], trace["version"]) == ("ringfence-trace", 1)
    futures = rf.draw_futures(trace["futures"]["number"], seed=int(trace["futures"]["seed"]))
    nations = {}
    for letter, scenario in trace["scenarios"].items():
        file = tmp_path / f"{letter}.yaml"
        file.write_text(scenario["file"], encoding="utf-8")
        result = rf.run(str(file) if letter != "A" else "baseline", futures=futures)
        nations[letter] = {"nation": result.nation, "years": result.years}
    numbers = trace["numbers"]
    sentences = unescape(html)
    assert all(
        number["text"] in sentences
        for number in numbers
        if "squares" not in number["place"] and number["place"] != "Chart over time"
    )
    assert len(numbers) > 120
    copied = [unescape(text) for text in re.findall('data-copy="([^"]+)"', html)]
    (short,) = (text for text in copied if text.startswith(POSTS_BEGIN))
    copied.remove(short)
    assert len(copied) == 3 and all(text.startswith(OF_THE_FUND) for text in copied)
    span = " to ".join((numbers[0]["years"][0], numbers[0]["years"][-1]))
    assert all(span in text.splitlines()[0] for text in (short, *copied))
    posted = set(re.findall(r"£[\d.]+\d|\d+p", short)) - {"£100"}
    assert posted and all(any(amount in text for text in copied) for amount in posted)
    chosen = np.random.default_rng(7).choice(len(numbers), 100, replace=False).tolist()
    first = [i for i, number in enumerate(numbers) if number["statistic"] not in ("mean", "quantile")]
    for at in {*chosen, *first}:
        number = numbers[at]
        value = make_again(number, trace, nations)
        assert value == pytest.approx(number["value"], rel=1e-6, abs=1e-9), number
        if number["statistic"] in ("quantile", "margin") or (number["statistic"] == "mean" and not number["against"]):
            assert is_rounding(sign_gap(number["text"]).removeprefix("+"), value), number
        elif number["statistic"] in ("more", "less", "same"):
            assert abs(float(re.findall(r"\d+", number["text"])[0]) - 100 * value) <= 1, number


def test_every_number_leads_to_what_carries_it_and_to_its_address(traced: tuple[dict[str, Any], str, Truth]) -> None:
    trace, html, truth = traced
    carried = {name for number in trace["numbers"] for name in number["carried_by"]}
    assert carried and carried == set(trace["uncertain_numbers"])
    for about in trace["uncertain_numbers"].values():
        assert set(about["evidence"]) <= set(trace["evidence"]) and about["rests_on"]
    for id_, entry in trace["evidence"].items():
        assert entry["addresses"] == list(load_register()[id_].url)
    addresses = re.findall(r'<a href="([^"]+)" target="_blank"', html)
    known = {url for entry in load_register().values() for url in entry.url}
    assert addresses and {unescape(url) for url in addresses} <= known
    stated = Stated(truth, "answer", "retained")
    stated.read(html)
    assert [statement for statement in stated.statements if not statement.holds] == []
    assert sum("est, " in statement.about for statement in stated.statements) >= 12


def test_no_source_bears_the_address_of_another() -> None:
    for entry in load_register().values():
        told = str(says_who._render_source(entry.source, entry.url))
        links = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', told)
        assert [url for url, _ in links] == [str(escape(url)) for url in entry.url]
        if len(entry.url) > 1 or ";" in entry.source:
            assert all(text in url.split("/")[2] for url, text in links), entry.id
