"""The model in a browser, from a file without a network: the bits of futures, calendars, results and outcomes."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dashboards.offline import page_data
from simulator.agents.explain import replay_future
from simulator.boards.table import make_equal_bodies, read_boards
from simulator.declarations.calendar import QUARTERS
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.output_variables import AREA_VARIABLES, NATIONAL_VARIABLES
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import simulate
from simulator.runs.futures import draw_futures
from simulator.scenarios.change import LAST, Change, is_switch
from simulator.scenarios.library import library
from simulator.scenarios.scenario import Scenario, load_scenario
from tests.twins.random_worlds import case_of

pytestmark = pytest.mark.dashboards

SEED = 20240323
POLICY = "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:"
HELPERS = """
const toBytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
const toNumbers = text => new Float64Array(toBytes(text).buffer);
const toText = numbers => {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
};
const digest = async numbers => {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const made = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(made), byte => byte.toString(16).padStart(2, "0")).join("");
};
const say = work => { try { work(); } catch (error) { return `${error}`; } };
const parts = id => JSON.parse(document.getElementById(id).textContent);
const model = () => RingfenceModel.load(toBytes(parts("parts").wasm), parts("parts").layout, parts("data"));
"""


def document() -> str:
    """A page with nothing but the model in it."""
    parts = {"wasm": base64.b64encode(page_data.module()).decode(), "layout": page_data.layout()}
    data = page_data.page_data({name: load_scenario(name) for name in library()})
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The model</title>
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<script id="engine">{page_data.engine()}</script><script>{HELPERS}</script>
<script id="parts" type="application/json">{page_data.as_json(parts)}</script>
<script id="data" type="application/json">{page_data.as_json(data)}</script></head><body></body></html>"""


@pytest.fixture(scope="module")
def model(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A page with the model loaded as `model`; it has no network, and an error in it fails the test."""
    file: Path = tmp_path_factory.mktemp("page") / "model.html"
    file.write_text(document(), encoding="utf-8")
    context = browser.new_context(offline=True)
    made, problems, asked = context.new_page(), [], []
    made.on("pageerror", lambda error: problems.append(str(error)))
    made.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    made.on("request", lambda request: asked.append(request.url))
    made.goto(file.as_uri())
    made.evaluate(
        "async () => { window.m = await model(); window.say = f => { try { f(); } catch (e) { return `${e}`; } }; }"
    )
    yield made
    context.close()
    assert problems == []
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []


def text(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def numbers(told: str) -> NDArray[np.float64]:
    return np.frombuffer(base64.b64decode(told), np.float64)


def sha(values: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


@pytest.mark.parametrize(
    ("n", "seed", "first", "held"),
    [
        (200, SEED, 0, {}),
        (2000, 7, 0, {}),
        (64, 2**64 - 1, 990, {}),
        (50, 2**32 + 3, 3, {"gap_spread": 1.5, "habit": 0.0}),
    ],
)
def test_futures_are_those_of_the_command_line(
    model: Any, n: int, seed: int, first: int, held: dict[str, float]
) -> None:
    told = model.evaluate(
        "async ([n, seed, first, settings]) => digest(m.futures({n, seed, first, settings}).points)",
        [n, str(seed), first, held],
    )
    assert told == sha(draw_futures(n, seed=seed, first=first, settings=held).points)


def random_changes(seed: int) -> tuple[Change, ...]:
    """A few changes of any kind, date and phase, several of one lever among them."""
    rng = np.random.default_rng(seed)
    levers = rng.choice(list(LEVERS), 3)
    made = []
    for _ in range(int(rng.integers(1, 7))):
        name = str(rng.choice(levers))
        about, start = LEVERS[name].about, int(rng.integers(0, QUARTERS))
        end = int(rng.choice([LAST, rng.integers(start, QUARTERS)]))
        kind = str(rng.choice(["to", "path"] if is_switch(name) else ["to", "add", "scale", "path"]))
        value = float(np.round(rng.uniform(about.low, about.high), 0 if is_switch(name) else int(rng.integers(1, 6))))
        steps = sorted({start, *rng.integers(start, end + 1, 2).tolist()}) if kind == "path" else []
        heights = rng.uniform(about.low, about.high, len(steps))
        heights = np.round(heights) if is_switch(name) else heights
        path = tuple((int(q), float(height)) for q, height in zip(steps, heights, strict=True))
        phase = 0 if is_switch(name) else int(rng.choice([0, 1, 3, 4, 7, 12]))
        made.append(Change(name, kind, value, path, start, end, phase, "a test", (), True, "test", 0))  # type: ignore[arg-type]
    return tuple(made)


def test_calendars_of_the_library_and_of_random_changes_have_the_same_bits(model: Any) -> None:
    every = [load_scenario(name) for name in library()]
    every += [Scenario(f"random {seed}", "Random", "Are they alike?", random_changes(seed)) for seed in range(300)]
    changes = [page_data.changes(one) for one in every]
    told = model.evaluate("async all => Promise.all(all.map(one => digest(m.schedule(one))))", changes)
    wrong = [one.name for one, made in zip(every, told, strict=True) if made != sha(one.schedule)]
    assert wrong == []
    assert len({one.fingerprint for one in every}) > 300


def test_every_library_scenario_has_the_same_bits_by_area_and_year(model: Any) -> None:
    few, facts = draw_futures(20), read_boards().areas
    told = model.evaluate(
        """async names => {
          const futures = m.futures({n: 20, seed: 20240323}), made = [];
          for (const name of names) {
            const {nation, areas} = m.run({schedule: m.schedule(m.data.scenarios[name]), futures, areasFrom: 0});
            made.push([await digest(nation), await digest(areas)]);
          }
          return made;
        }""",
        list(library()),
    )
    for name, (nation, areas) in zip(library(), told, strict=True):
        expected = simulate(
            few.points, few.runs, load_scenario(name).schedule, facts, seed=SEED, detail=True, workers=1
        )
        assert expected.areas is not None
        assert (nation, areas) == (sha(expected.nation), sha(expected.areas)), name


def test_random_boards_parameters_and_calendars_have_the_same_bits(model: Any) -> None:
    for seed in range(40):
        case = case_of(("anywhere" if seed % 2 else "prior", "anywhere"), 1 + seed % 8, 1 + 3 * seed, seed, run=seed)
        given = [text(np.array([case.point])), case.run, str(case.seed), text(case.schedule), text(case.areas)]
        told = model.evaluate(
            """async ([points, run, seed, schedule, areas]) => {
              const futures = m.givenFutures(toNumbers(points), [run], seed);
              const made = m.run({schedule: toNumbers(schedule), futures, areas: toBytes(areas), areasFrom: 0});
              return [await digest(made.nation), await digest(made.areas)];
            }""",
            given,
        )
        expected = simulate(
            np.array([case.point]),
            np.array([case.run]),
            case.schedule,
            case.areas,
            seed=case.seed,
            detail=True,
            workers=1,
        )
        assert expected.areas is not None
        assert told == [sha(expected.nation), sha(expected.areas)], seed


def test_outcomes_their_means_and_quantiles_have_the_bits_of_numpy(model: Any) -> None:
    some, facts = draw_futures(203), read_boards().areas
    made = simulate(some.points, some.runs, load_scenario("both").schedule, facts, seed=SEED, detail=True, workers=1)
    assert made.areas is not None
    spans = [(0, 8), (5, 8), (5, 6), (0, 7)]
    shares = [0.0, 0.025, 0.1, 0.5, 0.9, 0.975, 1.0]
    told = model.evaluate(
        """([names, spans, shares]) => {
          const futures = m.futures({n: 203, seed: 20240323});
          window.made = m.run({schedule: m.schedule(m.data.scenarios.both), futures, areasFrom: 0});
          return names.map(name => [toText(made.eachYear(name)), ...spans.map(([from, to]) => {
            const values = made.outcome(name, from, to);
            return [toText(values), RingfenceModel.mean(values), RingfenceModel.quantiles(values, shares)];
          })]);
        }""",
        [list(OUTCOMES), spans, shares],
    )
    for (name, outcome), (yearly, *levels) in zip(OUTCOMES.items(), told, strict=True):
        assert numbers(yearly).tobytes() == outcome.each_year(made.nation).tobytes(), name
        for (first, last), (values, mean, quantiles) in zip(spans, levels, strict=True):
            expected = outcome.of(made.nation[:, first:last])
            assert numbers(values).tobytes() == expected.tobytes(), (name, first, last)
            if not np.isnan(expected).any():
                assert mean == float(expected.mean()), name
                assert quantiles == np.quantile(expected, shares).tolist(), name
    for name in ("retained", "spent", "additional", "core20"):
        by_area = numbers(model.evaluate("name => toText(made.outcomeByArea(name, 5, 8))", name))
        assert by_area.tobytes() == OUTCOMES[name].of(made.areas[:, 5:].swapaxes(1, 2)).tobytes(), name
    for at, measures in (("nation_year", NATIONAL_VARIABLES), ("area_year", AREA_VARIABLES)):
        assert list(page_data.layout()["records"][at]["float64"]) == list(measures)
    assert numbers(model.evaluate("() => toText(made.values('front'))")).tobytes() == made.nation["front"].tobytes()


def test_sums_of_any_length_have_the_bits_of_numpy(model: Any) -> None:
    values = np.random.default_rng(3).normal(size=2100) * 10.0 ** np.random.default_rng(4).integers(-8, 8, 2100)
    told = model.evaluate(
        "values => { const all = toNumbers(values); return Array.from(all, (_, n) => RingfenceModel.sum(all, 0, n)); }",
        text(values),
    )
    assert told == [float(values[:n].sum()) for n in range(len(values))]


def test_a_lever_moved_again_goes_on_from_a_checkpoint_and_gives_the_same_bits(model: Any) -> None:
    told = model.evaluate(
        """async () => {
          const futures = m.futures({n: 70, seed: 5}), wrong = [];
          const move = (lever, value, start) =>
            m.schedule([{lever, kind: "to", value, path: [], start, end: 31, phase: 0}]);
          m.forget();
          const moves = [];
          for (const start of [20, 20, 22, 27, 20, 4, 22, 31, 0, 20]) {
            for (const value of [0.1, 0.8]) moves.push(move("audit", value, start));
          }
          const run = m._exports.run_block;
          let begun = [];
          m._exports = {...m._exports, run_block: (...all) => {
            const at = m.layout.entries.run_block.findIndex(([name]) => name === "entries");
            const entry = new BigInt64Array(m._exports.memory.buffer, all[at], 5);
            begun.push(Number(entry[m.layout.records.entry.int64.begin / 8]));
            return run(...all);
          }};
          const starts = [];
          for (const schedule of moves) {
            begun = [];
            const kept = m.run({schedule, futures, areasFrom: 7});
            starts.push(begun[0]);
            const standing = m._kept;
            m.forget();
            const whole = m.run({schedule, futures, areasFrom: 7});
            m._kept = standing;
            if (await digest(kept.nation) !== await digest(whole.nation)) wrong.push("nation");
            if (await digest(kept.areas) !== await digest(whole.areas)) wrong.push("areas");
          }
          return [wrong, starts];
        }"""
    )
    assert told[0] == []
    assert told[1] == [0, 20, 20, 20, 20, 22, 22, 27, 20, 20, 0, 4, 22, 22, 27, 31, 0, 0, 20, 20]


def test_areas_shown_block_by_block_are_those_that_would_be_kept(model: Any) -> None:
    told = model.evaluate(
        """async () => {
          const futures = m.futures({n: 150, seed: 5}), schedule = m.schedule(m.data.scenarios.leadership);
          const kept = m.run({schedule, futures, areasFrom: 5}).areas;
          const one = kept.length / 150, years = 8, size = one / 3, seen = new Float64Array(kept.length);
          const made = m.run({schedule, futures, areasFrom: 5, eachBlock(first, count, rows) {
            for (let j = 0; j < count; j++) {
              seen.set(rows.subarray((j * years + 5) * size, (j + 1) * years * size), (first + j) * one);
            }
          }});
          return [await digest(kept) === await digest(seen), made.areas];
        }"""
    )
    assert told == [True, None]


def test_parts_of_futures_run_apart_are_the_whole(model: Any) -> None:
    assert model.evaluate(
        """async () => {
          const futures = m.futures({n: 100, seed: 9}), schedule = m.schedule(m.data.scenarios.ringfence);
          const whole = m.run({schedule, futures}).nation;
          const parts = [[0, 33], [33, 100]].map(([a, b]) => m.run({schedule, futures: futures.part(a, b)}).nation);
          return toText(whole) === toText(Float64Array.of(...parts[0], ...parts[1]));
        }"""
    )


def test_five_hundred_moves_of_a_lever_leave_the_memory_as_it_was(model: Any) -> None:
    told = model.evaluate(
        """() => {
          const futures = m.futures({n: 20, seed: 9}), sizes = [];
          m.forget();
          for (let i = 0; i < 500; i++) {
            const start = 12 + i % 20;
            const schedule = m.schedule([{lever: "audit", kind: "to", value: i / 500, start, end: 31, phase: 0}]);
            m.run({schedule, futures});
            sizes.push([m._exports.memory.buffer.byteLength, m._kept.length]);
          }
          return [sizes[50], sizes[499]];
        }"""
    )
    assert told[0][0] == told[1][0]
    assert told[1][1] == 20  # a checkpoint for each quarter in which the lever moved


def test_decisions_of_a_future_and_their_pulls_are_those_that_mesa_records(model: Any) -> None:
    told = model.evaluate(
        """([scenario, index]) => {
          const futures = m.futures({n: 20, seed: 20240323}), schedule = m.schedule(m.data.scenarios[scenario]);
          return m.trace({schedule, futures, index});
        }""",
        ["both", 17],
    )
    replayed = replay_future("both", 17)
    assert told["deciders"] == [list(row) for row in replayed.deciders]
    made: dict[int, list[Any]] = {}
    for d in told["decisions"]:
        pulls = [tuple(pull) for pull in d["pulls"]]
        kept = (d["quarter"], d["event"], pulls, d["pull"], d["draw"], d["taken"], d["width"])
        made.setdefault(d["area"], []).append(kept)
    expected: dict[int, list[Any]] = {}
    for d in replayed.trace or ():
        kept = (d.quarter, d.event.name.lower(), list(d.pulls), d.pull, d.draw, d.taken, d.width)
        expected.setdefault(d.area, []).append(kept)
    assert made == expected
    assert sum(map(len, made.values())) > 2_000


def test_digests_are_over_each_futures_national_and_area_records(model: Any) -> None:
    told = model.evaluate(
        """async () => {
          const done = [], progress = n => done.push(n);
          const schedule = m.schedule(m.data.scenarios.both);
          return [await m.digests({schedule, n: 50, block: 20, seed: 20240323, progress}), done];
        }"""
    )
    some, expected = draw_futures(50), []
    made = simulate(
        some.points, some.runs, load_scenario("both").schedule, read_boards().areas, seed=SEED, detail=True, workers=1
    )
    assert made.areas is not None
    for first in (0, 20, 40):
        digest = hashlib.sha256()
        for j in range(first, min(first + 20, 50)):
            digest.update(made.nation[j].tobytes() + made.areas[j].tobytes())
        expected.append(digest.hexdigest())
    assert told == [expected, [20, 40, 50]]


def test_a_browser_gives_the_published_bits_and_would_see_others(model: Any) -> None:
    told = model.evaluate(
        """async () => {
          const seen = [], made = await m.publishedBits((done, total) => seen.push([done, total]));
          const {published} = m.data;
          m.data = {...m.data, published: {...published, seed: "1", futures: 200}};
          const other = await m.publishedBits();
          m.data = {...m.data, published: null};
          const none = await m.publishedBits();
          m.data.published = published;
          return [made, other, none, seen.at(-1), seen.length];
        }"""
    )
    names = ("baseline", "ringfence", "leadership", "both")
    assert told[0] == {"equal": dict.fromkeys(names, 10), "blocks": 10, "same": True}
    assert told[1] == {"equal": dict.fromkeys(names, 0), "blocks": 2, "same": False}
    assert told[2:] == [None, [4000, 4000], 40]
    assert page_data.published_bits(make_equal_bodies(5), 2000) is None
    assert page_data.published_bits(read_boards(), 500) is None


def test_what_is_kept_of_where_futures_stand_has_a_limit(model: Any) -> None:
    told = model.evaluate(
        """() => {
          const futures = m.futures({n: 20, seed: 9}), sizes = [], room = m.room;
          m.forget();
          for (let start = 8; start < 30; start++) {
            const schedule = m.schedule([{lever: "audit", kind: "to", value: 1, start, end: 31, phase: 0}]);
            m.run({schedule, futures});
            sizes.push(m.kept);
            m.room = 2e6;
          }
          const left = m._kept.map(one => one.quarter);
          m.room = room;
          m.forget();
          return [Math.max(...sizes), left, m.kept];
        }"""
    )
    assert 1e6 < told[0] <= 2e6
    assert told[1] == list(range(30 - len(told[1]), 30))  # the oldest went first
    assert told[2] == 0


def test_a_run_can_be_left_after_any_block_and_the_next_is_right(model: Any) -> None:
    assert model.evaluate(
        """() => {
          const futures = m.futures({n: 130, seed: 3}), schedule = m.schedule(m.data.scenarios.both);
          m.forget();
          const steps = m.steps({schedule, futures});
          const done = steps.next().value;
          steps.return();
          const left = m._kept.length;
          return [done, left, toText(m.run({schedule, futures}).nation) === toText(m.run({schedule, futures}).nation)];
        }"""
    ) == [64, 0, True]


def test_it_runs_in_a_worker_made_of_its_own_text(model: Any) -> None:
    told = model.evaluate(
        """() => new Promise((done, failed) => {
          const text = document.getElementById("engine").textContent + `
            onmessage = async ({data: [wasm, layout, data]}) => {
              const m = await RingfenceModel.load(wasm, layout, data);
              const made = m.run({schedule: m.schedule(data.scenarios.both), futures: m.futures({n: 9, seed: 1})});
              postMessage(made.nation);
            };`;
          const worker = new Worker(URL.createObjectURL(new Blob([text], {type: "text/javascript"})));
          worker.onerror = event => failed(new Error(event.message));
          worker.onmessage = ({data}) => { worker.terminate(); done(toText(data)); };
          worker.postMessage([toBytes(parts("parts").wasm), parts("parts").layout, parts("data")]);
        })"""
    )
    few = draw_futures(9, seed=1)
    expected = simulate(
        few.points, few.runs, load_scenario("both").schedule, read_boards().areas, seed=1, workers=1
    ).nation
    assert numbers(told).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("m.futures({n: 10, seed: -1})", "a seed lies between 0 and 2^64 - 1"),
        ("m.futures({n: 10, seed: 2n ** 64n})", "a seed lies between 0 and 2^64 - 1"),
        ("m.futures({n: 2001, seed: 1})", "this page holds parameters for 2000 futures"),
        ("m.futures({n: 1, seed: 1, settings: {luck: 1}})", "no parameter luck"),
        ("m.futures({n: 1, seed: 1, settings: {gap_spread: -1}})", "gap_spread lies between"),
        ("m.futures({n: 1, seed: 1, settings: {gap_spread: NaN}})", "gap_spread lies between"),
        ("m.futures({n: 0, seed: 1})", "futures are a whole number from 1"),
        ("m.schedule([{lever: 'toString', kind: 'to', value: 1, start: 0, end: 31, phase: 0}])", "no lever toString"),
        ("m.schedule([{lever: 'audit', kind: 'to', value: NaN, start: 0, end: 31, phase: 0}])", "audit: a change"),
        ("m.schedule([{lever: 'audit', kind: 'to', value: 1, start: 0, end: 32, phase: 0}])", "audit: a change"),
        ("m.schedule([{lever: 'audit', kind: 'jump', value: 1, start: 0, end: 31, phase: 0}])", "audit: a change"),
        ("m.run({schedule: m.baseline, futures: m.futures({n: 1, seed: 1}), areas: new Uint8Array(72).fill(1)})", "0:"),
        ("m.run({schedule: new Float64Array(0), futures: m.futures({n: 1, seed: 1})})", "whole years"),
        ("m.run({schedule: m.baseline, futures: m.futures({n: 1, seed: 1}), firstPlan: 4})", "the first plan"),
        ("m.trace({schedule: m.baseline, futures: m.futures({n: 1, seed: 1}), index: 1})", "there is no future 1"),
        ("m.run({schedule: m.baseline, futures: m.futures({n: 1, seed: 1})}).outcome('money')", "no outcome money"),
    ],
)
def test_what_cannot_be_run_is_refused_with_a_reason(model: Any, wrong: str, said: str) -> None:
    assert said in (model.evaluate(f"() => say(() => {wrong})") or "")


def test_numbers_of_any_digits_are_packed_to_the_last_bit(model: Any) -> None:
    rng = np.random.default_rng(8)
    columns = {
        "digits": np.round(rng.normal(size=50), 6),
        "small": np.resize([1.23456789e-30, 0.0, -7e-12, 5e22, -1.0, np.float32(0.1), 1e-22, 9.87654321e30], 50),
        "any": rng.normal(size=50),
    }
    packed = page_data.packed(columns)
    assert packed["short"]["names"] == ["digits", "small"]
    assert packed["long"]["names"] == ["any"]
    told = model.evaluate(
        """async packed => {
          const {value} = (await RingfenceModel.load(toBytes(parts("parts").wasm), parts("parts").layout,
            {...m.data, posterior: packed}))._posterior;
          return packed.names.map((_, k) => Array.from({length: packed.rows}, (_, row) => value(row, k)));
        }""",
        {"names": list(columns), "rows": 50, **packed},
    )
    assert told == [column.tolist() for column in columns.values()]


def test_a_page_of_data_holds_every_number_and_ends_no_script() -> None:
    made = page_data.page_data({"</script>": load_scenario("both")}, draws=10)
    told = page_data.as_json(made)
    assert "<" not in told
    assert json.loads(told)["parameters"].keys() == PARAMETERS.keys()
