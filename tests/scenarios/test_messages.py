import pickle

import pytest
from problem_lists import problems_of
from scenario_texts import BAD_TEXTS, HEAD, WHY, changes, read_bad_changes

from simulator.scenarios import validation as scenario_file
from simulator.scenarios.scenario import ScenarioError, UnknownScenario, load_scenario, parse_scenario

pytestmark = pytest.mark.scenarios


def problems(text):
    return problems_of(lambda: parse_scenario(text, "bad"))


def only_problem(text):
    problems_found = problems(text)
    assert len(problems_found) == 1, [str(p) for p in problems_found]
    return problems_found[0]


@pytest.mark.parametrize(("line", "path", "words"), read_bad_changes())
def test_a_bad_change_is_reported_with_its_line_its_place_and_what_to_do(line, path, words):
    problem = only_problem(changes("peers: {to: 1, from: 2027/28, WHY}", line).replace("first on line 4", ""))
    assert (problem.file, problem.line, problem.path) == ("bad.yaml", 5, path)
    assert words.replace("line 4", "line 5") in problem.message


@pytest.mark.parametrize(("text", "line", "path", "words"), BAD_TEXTS)
def test_a_bad_file_is_reported_with_its_line(text, line, path, words):
    problem = only_problem(text)
    assert (problem.line, problem.path) == (line, path)
    assert words in problem.message


def test_overlapping_changes_of_one_lever_are_refused_naming_the_earlier_line():
    text = changes(
        "audit:",
        "  - {to: 1, from: 2027/28, WHY}",
        "  - {to: 0, from: 2028/29, WHY}",
    )
    problem = only_problem(text)
    assert problem.line == 6
    assert "overlaps the change on line 5, which lasts to 2029/30 Q4; give the earlier one an 'until'" in str(problem)


def test_all_problems_come_in_one_error_in_the_order_of_the_file():
    text = HEAD.replace("T", "''") + f"changes:\n  audit: {{to: 2, {WHY}}}\n  nolever: 1\nextra: 1\n"
    problems_found = problems(text)
    assert {(p.line, p.path) for p in problems_found} == {
        (1, "title"),
        (4, "changes.audit.to"),
        (4, "changes.audit.from"),
        (5, "changes.nolever"),
        (6, "extra"),
    }


def test_the_error_reads_file_line_place_and_message_on_one_line_each():
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(changes("audit: {to: 1.4, from: 2027/28, WHY}", "nolever: 1"), "bad")
    first, second = str(caught.value).splitlines()
    assert first == "bad.yaml:4: changes.audit.to: 1.4 is above 1 (the highest value of 'audit')"
    assert second.startswith("bad.yaml:5: changes.nolever: 'nolever' is not a lever")


def test_the_error_is_a_value_error_that_survives_a_process_boundary():
    with pytest.raises(ValueError) as caught:
        parse_scenario("title: T\n", "bad")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert copy.problems == caught.value.problems and str(copy) == str(caught.value)


def test_a_removed_lever_says_what_became_of_it(monkeypatch):
    monkeypatch.setattr(scenario_file, "TOMBSTONES", {"fence": "it is called 'ringfence' now"})
    problem = only_problem(changes("fence: {to: 1, from: 2027/28, WHY}"))
    assert problem.message == "'fence' is no longer a lever: it is called 'ringfence' now"


def test_no_tombstone_buries_a_living_lever():
    assert not set(scenario_file.TOMBSTONES) & set(scenario_file.LEVERS)


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def errors(path):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    return caught.value.problems


def test_a_chain_that_extends_itself_is_refused(tmp_path):
    first = write(tmp_path, "a.yaml", HEAD + "extends: b.yaml\n")
    write(tmp_path, "b.yaml", HEAD + "extends: ./a.yaml\n")
    (problem,) = errors(first)
    assert problem.file.endswith("b.yaml") and problem.line == 3
    assert "'./a.yaml' extends this scenario in turn" in problem.message


def test_an_endless_line_of_parents_is_refused(tmp_path):
    for n in range(30):
        write(tmp_path, f"s{n}.yaml", HEAD + f"extends: s{n + 1}.yaml\n")
    write(tmp_path, "s30.yaml", HEAD)
    (problem,) = errors(tmp_path / "s0.yaml")
    assert "more than 20 scenarios extend one another" in problem.message


def test_a_missing_parent_file_suggests_its_neighbour(tmp_path):
    write(tmp_path, "fence.yaml", HEAD)
    (problem,) = errors(write(tmp_path, "child.yaml", HEAD + "extends: ./fense.yaml\n"))
    assert problem.message == "there is no file './fense.yaml'; did you mean 'fence.yaml'?"


def test_the_problems_of_child_and_parents_come_together_each_with_its_file(tmp_path):
    write(tmp_path, "one.yaml", changes("audit: {to: 5, from: 2027/28, WHY}"))
    write(tmp_path, "two.yaml", "title: T\n")
    errors_found = errors(write(tmp_path, "child.yaml", HEAD + "extends: [one.yaml, two.yaml, nowhere]\n"))
    assert [(p.file.rsplit("/")[-1].rsplit("\\")[-1], p.line) for p in errors_found] == [
        ("one.yaml", 4),
        ("two.yaml", 1),
        ("child.yaml", 3),
    ]


def test_a_file_that_is_no_utf8_is_named_with_the_line(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes("title: T\nquestion: café\n".encode("latin-1"))
    (problem,) = errors(path)
    assert problem.line == 2 and "is not UTF-8 text" in problem.message


def test_a_folder_is_no_scenario(tmp_path):
    (problem,) = errors(tmp_path)
    assert problem.message == "is not a file"


@pytest.mark.parametrize("name", ["ringfense", "Ringfence", "ringfence.yml"])
def test_an_unknown_name_suggests_the_nearest(name):
    with pytest.raises(UnknownScenario, match="did you mean 'ringfence'"):
        load_scenario(name)


def test_an_unknown_name_is_a_lookup_error_that_names_it():
    with pytest.raises(LookupError, match="there is no scenario 'xyzzy'; name one of the library, or a file"):
        load_scenario("xyzzy")
    with pytest.raises(LookupError, match="there is no scenario 'leadershop'"):
        load_scenario("ringfence+leadershop")


def test_a_wrong_parent_is_reported_beside_the_mistakes_of_the_file_itself(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "title: Mine\nquestion: Does it help?\nextends: baselin\nchanges:\n"
        '  ringfense: {to: 1, from: 2027/28 Q1, because: "Back", evidence: [E60]}\n'
        '  audit: {to: 1.4, from: 2027/28 Q1, because: "Auditors", evidence: [R07]}\n',
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert [(p.line, p.path) for p in caught.value.problems] == [
        (3, "extends"),
        (5, "changes.ringfense"),
        (6, "changes.audit.to"),
    ]
    assert "did you mean 'baseline'" in str(caught.value)
