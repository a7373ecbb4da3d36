"""What a page or a table says under "Make it again", typed elsewhere, gives its numbers or says what is another."""

from __future__ import annotations

import html
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cli_runs import bad, good, ring

from simulator.boards.table import read_boards
from simulator.common.pinned_names import pin_name, split_pin
from simulator.experiments.decision import value_of_information
from simulator.experiments.sensitivity import given_data
from simulator.experiments.stats.resampling import draw_resamples
from simulator.reports import deep_answers
from simulator.runs.recipe import Recipe, make_file_names
from simulator.scenarios.scenario import ScenarioError, UnknownScenario, load_scenario, stack

pytestmark = [pytest.mark.interface, pytest.mark.usefixtures("scored_once")]

SETUPS = 60
SHELL = shutil.which("sh")
FILES = (
    "ringfence.yaml",
    "mine.yml",
    "v1/policy.yaml",
    "v2/policy.yaml",
    'it\'s "mine".yaml',
    "-x.yaml",
    "a b/c d.yaml",
    "$HOME.yaml",
    "$NOBODY_SET_THIS/%x%.yaml",
    "~nobody.yaml",
    "a+b.yaml",
    "über.yaml",
    "semi;colon.yaml",
    "name@2.yaml",
    "both.yml",
)
TABLES = ("boards3.csv", "our boards/it's ours.csv", "-b.csv")
LIBRARY = ("ringfence", "leadership", "both", "committee", "ringfence+leadership")
HEAD = "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\n"
NAMES = ("QE1,A", "QKK,B", "QYG,C")


class Asked(NamedTuple):
    """A command as somebody typed it, the line that it gave to make it again, and its answer."""

    words: list[str]
    line: str
    answer: Any


def policy(path: Path, value: float, title: str = "Strong naming", lever: str = "named") -> None:
    """A scenario file that sets one lever."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"title: {json.dumps(title)}\nquestion: What then?\nchanges:\n  {lever}:\n    to: {value}\n"
        "    from: 2027/28 Q1\n    because: To see.\n    evidence: []\n    assumption: true\n",
        encoding="utf-8",
    )


def table(path: Path, luck: random.Random) -> None:
    """A table of three boards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        f"{name},{luck.randint(20, 90) / 10},{luck.randint(2000, 6000)},{luck.randint(-3, 3)},"
        f"{luck.randint(10, 40)},North West"
        for name in NAMES
    ]
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def fill(folder: Path, luck: random.Random) -> None:
    """Write every file into a folder, each with content of its own."""
    for name in FILES:
        policy(folder / name, luck.randint(30, 100) / 100, luck.choice(("Strong naming", "=1+1", f"Own {name}")))
    for name in TABLES:
        table(folder / name, luck)


def typed(name: str) -> str:
    """A file's name as one must type it."""
    known = name.endswith((".yaml", ".yml")) and not name.startswith("-") and name != "ringfence.yaml"
    return name if known else f"./{name}"


def policies(luck: random.Random, most: int) -> list[str]:
    own = [typed(name) for name in FILES]
    stacks = [f"{luck.choice(('ringfence', 'leadership'))}+{typed(name)}" for name in FILES if "+" not in name]
    return luck.sample([*LIBRARY, *own, *own, *stacks], luck.randint(1, most))


def setup(luck: random.Random) -> list[str]:
    """A command with everything that decides its numbers."""
    kind = luck.choice(("report", "compare", "compare", "run"))
    words = [kind, *(policies(luck, 1 if kind == "run" else 3)), "--seed", str(luck.randint(0, 2**40))]
    words += ["--boards", luck.choice(TABLES)] if luck.random() < 0.8 else []
    words += ["-n", str(luck.randint(20, 30))]
    if kind == "report":
        return words
    words += ["--years", luck.choice(("2027/28", "2027/28-2029/30", "2028/29-"))] if luck.random() < 0.5 else []
    words += ["--outcome", luck.choice(("retained", "spent", "additional"))] if luck.random() < 0.7 else []
    if kind == "run":
        words += ["--set", f"rush_share={luck.random():.3f}"] if luck.random() < 0.5 else []
        words += ["--source", luck.choice(("prior", "default"))] if luck.random() < 0.3 else []
        return [*words, "--by-year"] if luck.random() < 0.2 else words
    words += ["--against", luck.choice(("leadership", typed(FILES[0]), typed(FILES[4])))] if luck.random() < 0.4 else []
    return [*words, "--from", luck.choice(("2028/29 Q1", "2026/27 Q3"))] if luck.random() < 0.4 else words


def lines_of(page: str) -> list[str]:
    """The lines on a page under "Make it again"."""
    match = re.search(r"<h3>Make it again</h3>.*?<pre>(.*?)</pre>", page, re.DOTALL)
    assert match
    return html.unescape(match[1]).strip().splitlines()


def ask(words: list[str]) -> Asked:
    """Type a command in the folder at hand."""
    if words[0] == "report":
        good(*words)
        page = Path("report.html").read_text(encoding="utf-8")
        return Asked(words, lines_of(page)[0], page)
    answer = json.loads(good(*words, "--json"))
    return Asked(words, answer["command"], answer)


def again(line: str) -> tuple[int, str, Any]:
    """Type a line as it is printed: its exit code, what it says on stderr, and its answer."""
    program, *words = shlex.split(line)
    assert program == "ringfence"
    result = ring(*words) if words[0] == "report" else ring(*words, "--json")
    if result.exit_code:
        return result.exit_code, result.stderr, None
    page = Path("report.html").read_text(encoding="utf-8") if words[0] == "report" else json.loads(result.stdout)
    return 0, result.stderr, page


def own_pins(line: str) -> list[tuple[str, str]]:
    """The files that a line names, with their fingerprints."""
    words = [part for word in shlex.split(line) for part in (word.split("+") if "a+b" not in word else [word])]
    return [split_pin(word) for word in words if split_pin(word)[1]]


@pytest.mark.parametrize("part", range(10))
def test_the_lines_give_their_numbers_in_another_folder_or_say_which_file_is_meant(
    part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    luck = random.Random(part)
    places = {name: tmp_path / name for name in ("first", "same", "decoys", "empty")}
    for place in places.values():
        place.mkdir()
    fill(places["first"], luck)
    shutil.copytree(places["first"], places["same"], dirs_exist_ok=True)
    fill(places["decoys"], luck)
    for _ in range(SETUPS // 10):
        monkeypatch.chdir(places["first"])
        question = ask(setup(luck))
        where = luck.choice(("same", "decoys", "empty"))
        monkeypatch.chdir(places[where])
        code, message, answer = again(question.line)
        files = own_pins(question.line)
        if code:
            assert where != "same", (question, message)
            assert code == 1 and "Traceback" not in message and files, (question, message)
            assert any(mark in message and Path(name).name in message for name, mark in files), (question, message)
        else:
            assert where == "same" or not files or same_content(files), question
            assert answer == question.answer, question


def same_content(files: list[tuple[str, str]]) -> bool:
    """Whether all files here happen to hold what is meant."""
    return all(
        (read_boards(name) if name.endswith(".csv") else load_scenario(name)).fingerprint == mark
        for name, mark in files
    )


def test_the_second_line_of_a_report_gives_its_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    luck = random.Random(5)
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, luck)
    for _ in range(5):
        good("report", *policies(luck, 3), "--boards", luck.choice(TABLES), "-n", "20")
        page = Path("report.html").read_text(encoding="utf-8")
        code, message, answer = again(lines_of(page)[1])
        assert code == 0, message
        assert all(comparison["sentence"] in html.unescape(page) for comparison in answer["comparisons"])


def test_a_report_with_all_questions_says_so_in_its_line_and_comes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(deep_answers, "DRAWS", 120)  # the fewest that every question takes
    monkeypatch.setattr(deep_answers, "REPLICATES", 2)
    monkeypatch.setattr(deep_answers, "SAME_FUTURES", [("--draws", 120), ("--replicates", 2)])
    for method in (given_data, value_of_information):  # an interval may be rough, if it only comes again
        monkeypatch.setattr(method, "draw_resamples", lambda n, times, *more: draw_resamples(n, 9, *more))
    fill(tmp_path, random.Random(6))
    question = ask(["report", "ringfence", "./ringfence.yaml", "--boards", TABLES[0], "-n", "20", "--deep"])
    assert "--deep" in question.line
    assert again(question.line)[2] == question.answer
    robust = re.search(
        r"Which policy is robust\?</h3>\s*<p>(.*?)</p>\s*<p class=\"small\">More: <code>(.*?)</code>", question.answer
    )
    assert robust
    more = json.loads(good(*shlex.split(html.unescape(robust[2]))[1:], "--structures", "0", "--json"))
    assert more["sentence"] == html.unescape(robust[1])


@pytest.mark.skipif(SHELL is None, reason="there is no POSIX shell here")
@pytest.mark.parametrize("name", ['it\'s "mine".yaml', "$HOME.yaml", "-x.yaml"])
def test_the_lines_run_in_a_real_shell(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, random.Random(7))
    words = ["compare", typed(name), f"leadership+{typed(name)}", "--boards", TABLES[1], "--from", "2028/29 Q2"]
    question = ask([*words, "-n", "8"])
    program = "import json, sys; print(json.dumps(sys.argv[1:]))"
    script = f'ringfence() {{ "$PROGRAM" -c "$CODE" "$@"; }}\n{question.line} --json\n'
    env = {**os.environ, "PROGRAM": sys.executable, "CODE": program, "PYTHONUTF8": "1"}
    done = subprocess.run([str(SHELL), "-c", script], capture_output=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(good(*json.loads(done.stdout))) == question.answer


def test_a_policy_written_out_on_the_page_is_the_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = tmp_path / "first", tmp_path / "other"
    for place in (first, other):
        place.mkdir()
    monkeypatch.chdir(first)
    fill(first, random.Random(8))
    question = ask(["report", "v1/policy.yaml", "leadership", "-n", "20"])
    written = re.search(r"<summary>v1/policy.yaml, written out</summary><pre>(.*?)</pre>", question.answer, re.DOTALL)
    assert written
    monkeypatch.chdir(other)
    Path("v1").mkdir()
    Path("v1/policy.yaml").write_text(html.unescape(written[1]), encoding="utf-8")
    assert again(question.line)[2] == question.answer


def test_a_fingerprint_that_a_script_has_lost_is_not_taken_for_none() -> None:
    for words in (("compare", "leadership"), ("run", "leadership")):
        assert "an empty text" in bad(*words, "-n", "20", "--expect", "", code=2)


@pytest.mark.parametrize("words", [("--seed", "2"), ("-n", "21"), ("--boards", "other.csv")])
def test_an_answer_that_is_not_the_one_expected_is_refused(
    words: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "other.csv", random.Random(9))
    question = ask(["compare", "leadership", "-n", "20"])
    message = bad(*shlex.split(question.line)[1:], *words)
    mark = question.line.rpartition(" ")[2]
    assert mark in message and "leave out --expect" in message


def test_another_model_or_fit_is_refused_and_not_taken_for_the_one_that_gave_the_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = ask(["run", "leadership", "-n", "8"]).line
    monkeypatch.setattr("simulator.runs.manifest.source_hash", lambda: "0" * 16)
    assert "this version of the model" in bad(*shlex.split(line)[1:])


def test_tables_carry_the_command_that_makes_them_again() -> None:
    head, *rows = good("compare", "leadership", "-n", "8", "--csv").splitlines()
    assert "command" in head.split(",")
    assert all("ringfence compare leadership --seed" in row for row in rows)
    command = json.loads(good("why", "leadership", "--run", "1", "--board", "QWE", "--json"))["command"]
    assert re.fullmatch(r"ringfence why leadership --run 1 --board QWE --seed 20240323 --expect [0-9a-f]{12}", command)


def test_a_comparison_until_sure_comes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, random.Random(10))
    words = ["compare", "mine.yml", "--until", "0.05", "--most", "200", "--precise", "--boards", TABLES[2]]
    question = ask(words)
    assert again(question.line)[2] == question.answer


# Names with fingerprints.


def test_a_name_with_the_fingerprint_of_another_file_is_refused_wherever_scenarios_and_boards_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, random.Random(11))
    mark, other = load_scenario("mine.yml").fingerprint, "0" * 16
    for words in (["run"], ["compare"], ["why", "--run", "1", "--board", "QWE"], ["attribute"], ["scenarios", "check"]):
        message = bad(words[0], *words[1:], pin_name("mine.yml", other), *(["-n", "8"] if words[0] == "run" else []))
        assert mark in message and other in message and "mine.yml" in message
    fingerprint = read_boards("boards3.csv").fingerprint
    assert fingerprint in bad("run", "baseline", "-n", "8", "--boards", pin_name("boards3.csv", other))
    assert other in bad("run", "baseline", "-n", "8", "--boards", pin_name("none.csv", other))
    assert other in bad("run", pin_name("none.yaml", other), "-n", "8")


def test_a_library_scenario_is_named_by_its_name_and_a_file_of_that_name_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, random.Random(12))
    assert load_scenario("ringfence+leadership").reference == "ringfence+leadership"
    own = load_scenario("./ringfence.yaml")
    assert own.reference == pin_name("./ringfence.yaml", own.fingerprint)
    assert load_scenario(own.reference) == own
    assert stack(["ringfence", "mine.yml"]).reference == f"ringfence+{load_scenario('mine.yml').reference}"
    assert load_scenario(Path("-x.yaml")).reference.startswith("./-x.yaml@")
    assert load_scenario("leadership").with_lever("audit", 0.5).reference == ""
    with pytest.raises(UnknownScenario, match=f"'a\\+c.yaml'.* fingerprint {'0' * 16}"):
        load_scenario(pin_name("a+c.yaml", "0" * 16))
    Path("mine.yml").write_text("title: x\n", encoding="utf-8")
    with pytest.raises(ScenarioError):
        load_scenario(pin_name("mine.yml", "0" * 16))


def test_a_policy_made_in_python_is_written_to_a_file_that_its_line_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = [load_scenario("leadership").with_lever("audit", value) for value in (0.2, 0.4)]
    recipe = Recipe(tuple(made), read_boards(), (), load_scenario("baseline"))
    assert len(set(recipe.names)) == 2 == len(recipe.files)
    for file in recipe.files:
        Path(file.name).write_text(file.text, encoding="utf-8")
    assert [load_scenario(name).fingerprint for name in recipe.names] == [one.fingerprint for one in made]
    assert make_file_names([load_scenario("leadership")]) == ["leadership.yaml"]


def test_an_explorer_holds_the_line_that_makes_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, random.Random(13))
    good("explorer", "./ringfence.yaml", "--boards", TABLES[1], "-n", "20", "--out", "first.html")
    first = Path("first.html").read_text(encoding="utf-8")
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', first, re.DOTALL)
    assert data
    line = json.loads(data[1])["command"]
    assert load_scenario("./ringfence.yaml").fingerprint in line and read_boards(TABLES[1]).fingerprint in line
    good(*shlex.split(line)[1:])
    assert Path("explorer.html").read_text(encoding="utf-8") == first
    policy(tmp_path / "ringfence.yaml", 0.01)
    assert "ringfence.yaml is not the scenario asked for" in bad(*shlex.split(line)[1:])
