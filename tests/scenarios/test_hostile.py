import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_texts import HEAD, changes

from simulator.scenarios.scenario import ScenarioError, load_scenario, parse_scenario

pytestmark = pytest.mark.scenarios

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)
HOSTILE = {
    "aliases that multiply": (BOMB, "uses '&' or '*'"),
    "an alias alone": (HEAD + "changes: *x\n", "uses '&' or '*'"),
    "a Python object": (HEAD + "changes: !!python/object/apply:os.system ['echo hello']\n", "uses a tag"),
    "a tagged key": (HEAD + "!!python/name:os.system x: 1\n", "uses a tag"),
    "a binary tag": ("title: !!binary aGVsbG8=\nquestion: Q\n", "uses a tag"),
    "deep lists": (HEAD + "changes: " + "[" * 100_000, "nested more than 8 levels"),
    "deep mappings": (HEAD + "changes: " + "{a: " * 50_000, "nested more than 8 levels"),
    "deep indentation": ("".join(f"{' ' * n}a:\n" for n in range(600)), "nested more than 8 levels"),
    "a NUL": ("title: T\x00\nquestion: Q\n", "contains a control character"),
    "an escaped NUL": ('title: "T\\0"\nquestion: Q\n', "contains a control character"),
    "half a character": ('title: "\\uD800"\nquestion: Q\n', "contains a control character"),
    "a character that does not exist": ('title: "\\UFFFFFFFF"\nquestion: Q\n', "is not valid YAML"),
    "ten megabytes": ("title: " + "x" * 10_000_000 + "\nquestion: Q\n", "larger than 256 kB"),
    "ten megabytes without lines": ("x" * 10_000_000, "larger than 256 kB"),
    "another YAML version": ("%YAML 9.9\n---\ntitle: T\n", "is not valid YAML"),
    "a number of many digits": (changes("audit: {to: " + "9" * 100_000 + ", from: 2027/28, WHY}"), "is above 1"),
    "a very long unknown lever": (changes("? " + "x" * 100_000 + "\n  : 1"), "is not a lever"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_refused_quickly(name):
    text, words = HOSTILE[name]
    start = time.perf_counter()
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text)
    assert time.perf_counter() - start < 5
    assert words in str(caught.value)
    assert len(str(caught.value)) < 2_000


def test_a_huge_file_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "huge.yaml"
    path.write_bytes(b"title: " + b"x" * 10_000_000)
    with pytest.raises(ScenarioError, match="larger than 256 kB"):
        load_scenario(path)


def test_thousands_of_problems_are_cut_short():
    text = changes(*(f"lever{n}: {{to: 1}}" for n in range(3_000)))
    start = time.perf_counter()
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text)
    assert time.perf_counter() - start < 10
    assert len(caught.value.problems) < 150
    assert "has more problems; these are the first" in str(caught.value)


def test_a_web_of_parents_is_read_once_each(tmp_path):
    for n in range(18):
        names = ", ".join(f"{side}{n + 1}.yaml" for side in "lr")
        for side in "lr":
            (tmp_path / f"{side}{n}.yaml").write_text(HEAD + f"extends: [{names}]\n", encoding="utf-8")
    for side in "lr":
        text = changes("peers: {add: 0.1, from: 2027/28, WHY}")
        (tmp_path / f"{side}18.yaml").write_text(text, encoding="utf-8")
    start = time.perf_counter()
    policy = load_scenario(tmp_path / "l0.yaml")
    assert time.perf_counter() - start < 5
    assert policy.lever("peers")[20] == pytest.approx(0.5)


def test_text_from_elsewhere_cannot_reach_for_files(tmp_path, monkeypatch):
    (tmp_path / "secret.yaml").write_text("title: hidden\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("secret.yaml", "./secret.yaml", str(tmp_path / "secret.yaml")):
        with pytest.raises(ScenarioError, match="names the file") as caught:
            parse_scenario(HEAD + f"extends: {name}\n")
        assert "hidden" not in str(caught.value)


lines = st.sampled_from(
    [*HEAD.splitlines(), "changes:", "extends: both", "  audit:", "    to: 1", "  - a", "- {a: [", "%x"]
)
pieces = st.one_of(lines, st.text(max_size=12), st.text(alphabet="{}[]:,&*!|>%@#-? \n\t'\"~<=\\", max_size=8))


@settings(deadline=None, max_examples=300)
@given(st.lists(pieces, max_size=10).map("\n".join))
def test_any_text_gives_a_scenario_or_a_scenario_error(text):
    try:
        policy = parse_scenario(text)
    except ScenarioError as error:
        assert error.problems and all(p.line >= 1 and p.message for p in error.problems)
    else:
        assert policy.title and policy.question
