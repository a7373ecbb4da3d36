"""Files of evidence: what is read, and every mistake in one message with its line and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.common.errors import InputError
from simulator.common.pinned_names import OtherContentError
from simulator.evidence.evidence import Evidence, combine_evidence
from simulator.evidence.observation_file import EvidenceError, parse_evidence, read_evidence, read_sent_evidence
from simulator.evidence.observations import BoardRow, LeaderScore, NationalFigure, Statement
from simulator.evidence.template import list_examples, make_template

pytestmark = pytest.mark.calibration

HEAD = "title: A title\nbecause: A reason\n"
ROW = "{board: QWO, year: 2022/23, what: retained, value: 1.0, error: 0.05, source: FOI 1}"


def parse(body: str, folder: Path | None = None) -> Evidence:
    return parse_evidence(HEAD + body, folder=folder)


def problems(text: str) -> str:
    with pytest.raises(EvidenceError) as refused:
        parse_evidence(text)
    return str(refused.value)


def row(**changed: str) -> str:
    fields = {"board": "QWO", "year": "2022/23", "what": "retained", "value": "1.0", "error": "0.05", **changed}
    return "observations:\n  - {" + ", ".join(f"{key}: {value}" for key, value in fields.items() if value) + "}\n"


def test_the_template_can_be_used_as_it_is_written() -> None:
    evidence = parse_evidence(make_template("mine.yaml"))
    assert [type(o) for o in evidence.observations] == [BoardRow] * 3


def test_every_kind_is_read(tmp_path: Path) -> None:
    codes = ["QWO", "QF7", "QHM", "QE1", "QYG", "QOP"]
    lines = "".join(f"{code},{k}\n" for k, code in enumerate(codes))
    (tmp_path / "scores.csv").write_text("board,score\n" + lines, encoding="utf-8")
    evidence = parse(
        f"observations:\n  - {ROW}\n"
        "scores:\n  - {name: rating, of: chief, year: 2023/24, rows: scores.csv}\n"
        "national:\n  - {what: kept_in_full, year: 2024/25, value: 30%, error: 0.1}\n"
        "statements:\n  - {claim: ringfence < leadership, credence: 0.7, because: said so}\n",
        tmp_path,
    )
    own_row, score, figure, statement = evidence.observations
    assert own_row == BoardRow("QWO", 0, "retained", 1.0, 0.05, "FOI 1")
    assert isinstance(score, LeaderScore) and score.year == 1 and dict(score.values)["QHM"] == 2
    assert figure == NationalFigure("kept_in_full", (2, 3), 0.3, 0.1)
    assert statement == Statement("leadership", "ringfence", "retained", 0.7, "said so")
    assert evidence.remark == "; with 4 pieces of your own evidence"


def test_rows_of_a_table_take_what_they_leave_out_from_the_entry_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("board;year;value\nQWO;2022/23;0,5\nQF7;2023/24;1\n", encoding="utf-8")
    evidence = parse("observations:\n  - {rows: rows.csv, what: spent, error: 0.1, source: FOI}\n", tmp_path)
    assert evidence.observations == (
        BoardRow("QWO", 0, "spent", 0.5, 0.1, "FOI"),
        BoardRow("QF7", 1, "spent", 1.0, 0.1, "FOI"),
    )


def test_a_table_is_evidence_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("board,year,what,value,error\nQWO,2022/23,retained,100%,0.05\n", encoding="utf-8")
    assert read_evidence(file).observations == (BoardRow("QWO", 0, "retained", 1.0, 0.05),)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"board": "QZZ"}, "QZZ"),
        ({"board": ""}, "board: is missing"),
        ({"year": "2022"}, "did you mean 2022/23"),
        ({"year": "2028/29"}, "lies ahead"),
        ({"year": "2019/20"}, "outside the model's years"),
        ({"what": "retaind"}, "did you mean 'retained'?"),
        ({"what": "deficits"}, "not a share that a single board has"),
        ({"value": "40"}, "write 40% or 0.4"),
        ({"value": "lots"}, "'lots' is not a number"),
        ({"value": ".nan"}, "not a number"),
        ({"value": "1e999"}, "not a number"),
        ({"error": ""}, "error: is missing"),
        ({"error": "0"}, "0 is not a share from 0.005 to 1"),
        ({"eror": "0.1"}, "did you mean 'error'?"),
        ({"in_fit": "perhaps"}, "must be yes"),
        ({"source": "E04"}, "E04 is in the fit already (as interviews)"),
        ({"source": "R01"}, "is what the model is tested by (choosing_money"),
    ],
)
def test_a_mistake_in_a_row_is_said_with_its_line(changed: dict[str, str], said: str) -> None:
    message = problems(HEAD + row(**changed))
    assert message.startswith("evidence.yaml:4: observations[1]")
    assert said in message and "Traceback" not in message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "says nothing"),
        ("observations: []\n", "must be a list of entries"),
        ("observations: QWO\n", "must be a list of entries"),
        ("observations:\n  - QWO\n", "must be a mapping"),
        ("observations:\n  - {rows: rows.txt}\n", "is not the name of a CSV file"),
        ("observations:\n  - {rows: none.csv, what: retained}\n", "none.csv:1: is not a file"),
        (f"observations:\n  - {ROW}\n  - {ROW}\n", "given twice"),
        ("national:\n  - {what: deficits, year: 2022/23, value: 17, error: 4}\n", "(as deficits_2022)"),
        ("national:\n  - {what: choosing_money, value: 0.3, error: 0.1}\n", "declared beforehand as a test"),
        (
            "national:\n  - {what: deficit, year: 2025/26, value: 1, error: 0.1}\n",
            "(as deficit_2025) was declared beforehand",
        ),
        ("national:\n  - {what: turnover, year: 2022/23, value: 0.3, error: 0.1}\n", "(as turnover)"),
        ("national:\n  - {what: retaind, year: 2022/23, value: 0.3, error: 0.1}\n", "did you mean 'retained'?"),
        ("national:\n  - {what: raided, year: 2022/23, value: 9, error: 0}\n", "write a standard deviation above 0"),
        ("scores:\n  - {name: x, of: board, year: 2022/23, values: {QWO: 1}}\n", "must be chief"),
        ("scores:\n  - {name: x, of: chief, year: 2022/23, values: {QWO: 1}}\n", "from 5 boards on"),
        ("scores:\n  - {name: x, of: chief, year: 2022/23}\n", "give either values"),
        ("statements:\n  - {claim: leadership beats, credence: 0.7, because: x}\n", "is not a claim"),
        ("statements:\n  - {claim: leadershp > ringfence, credence: 0.7, because: x}\n", "did you mean 'leadership'?"),
        ("statements:\n  - {claim: leadership > leadership, credence: 0.7, because: x}\n", "with itself"),
        ("statements:\n  - {claim: leadership > ringfence, credence: 1, because: x}\n", "no room for doubt"),
        ("statements:\n  - {claim: leadership > ringfence, credence: 70, because: x}\n", "write 70% or 0.7"),
        ("statements:\n  - {claim: leadership > ringfence, credence: 0.7}\n", "because: is missing"),
    ],
)
def test_a_mistake_elsewhere_is_said_and_how_to_mend_it(body: str, said: str) -> None:
    assert said in problems(HEAD + body)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a list",
        "title: &a x\nbecause: *a\n",
        "title: !!python/object:os.system x\n",
        "title: x\nbecause: [" + "[" * 30,
        "title: 'x\n",
        "title: x\ntitle: y\nbecause: z\n",
        HEAD + "observations:\n  - {board: {a: b}, year: [1], what: {}, value: [], error: {}}\n",
        HEAD + "scores:\n  - {name: [x], of: {}, year: {}, values: [1, 2]}\n",
        HEAD + "statements:\n  - {claim: [a], outcome: {}, credence: {}, because: []}\n",
        HEAD + "national:\n  - {what: [deficits], year: {}, value: {}, error: []}\n",
    ],
)
def test_hostile_files_are_refused_in_words(text: str) -> None:
    assert "evidence.yaml:" in problems(text)


def test_all_mistakes_are_said_at_once_with_the_table_that_holds_them(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("board,year,value\nQZZ,2022/23,0.5\nQWO,2022,2\nQF7,x,y,z\n", encoding="utf-8")
    with pytest.raises(EvidenceError) as refused:
        parse("observations:\n  - {rows: rows.csv, what: retained, error: 0.05}\nnational: 3\n", tmp_path)
    text = str(refused.value)
    assert "rows.csv:2: board" in text and "rows.csv:3: year" in text and "rows.csv:3: value" in text
    assert "rows.csv:4: has 4 cells" in text and "evidence.yaml:5: national" in text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"board,year\n", "is empty"),
        (b"name,year\nQWO,2022/23\n", "has no column 'board'"),
        (b"board,board\nQWO,QWO\n", "names the column board twice"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"board,year\nQW\x00O,1\n", "control character"),
        (b'board,year\n"QWO,1\n', "cannot be read as CSV"),
        (b"board,value\n" + b"QWO,1\n" * 60_000, "too large"),
    ],
)
def test_a_table_that_is_none_is_refused_in_words(data: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(data)
    with pytest.raises(EvidenceError, match=r"rows\.csv") as refused:
        read_evidence(file)
    assert said in str(refused.value)


def test_the_fingerprint_is_that_of_what_is_said() -> None:
    other = row(board="QF7", value="0").removeprefix("observations:\n")
    first, turned = parse(row() + other), parse("observations:\n" + other + row().removeprefix("observations:\n"))
    retitled = parse_evidence("title: Other\nbecause: Other\n" + row() + other)
    assert first.fingerprint == turned.fingerprint == retitled.fingerprint
    assert first.fingerprint != parse(row()).fingerprint
    assert parse(row(in_fit="yes")).fingerprint != parse(row(in_fit="no")).fingerprint


def test_a_pinned_name_refuses_other_content(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(HEAD + row(), encoding="utf-8")
    mark = read_evidence(file).fingerprint
    assert read_evidence(f"{file}@{mark}").references == (f"{file}@{mark}",)
    file.write_text(HEAD + row(value="0.9"), encoding="utf-8")
    with pytest.raises(OtherContentError, match=mark):
        read_evidence(f"{file}@{mark}")


def test_what_is_in_the_fit_is_kept_and_not_counted() -> None:
    evidence = parse("national:\n  - {what: deficits, year: 2022/23, value: 17, error: 4, in_fit: yes}\n" + row())
    assert len(evidence) == 2 and [type(o) for o in evidence.counted] == [BoardRow]
    assert evidence.remark == "; with 1 piece of your own evidence"


def test_a_declared_test_is_taken_only_by_giving_it_up() -> None:
    body = "national:\n  - {what: choosing_money, value: 0.33, error: 0.05, although_declared: yes}\n"
    (figure,) = parse(body).observations
    assert isinstance(figure, NationalFigure) and figure.target


def test_two_files_that_say_the_same_are_refused() -> None:
    with pytest.raises(InputError, match="count twice"):
        combine_evidence([parse(row()), parse(row())])
    assert len(combine_evidence([parse(row()), parse(row(board="QF7"))])) == 2


def test_the_examples_that_ship_can_be_read_and_say_that_they_are_invented() -> None:
    assert len(list_examples()) == 3
    for path in list_examples():
        assert read_evidence(path).title.startswith("Invented: ")
        assert path.read_text(encoding="utf-8").startswith("# INVENTED: ") and "-invented" in path.name


def test_a_file_that_was_sent_stands_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("board,year,what,value,error\nQWO,2022/23,retained,1,0.05\n", encoding="utf-8")
    sent = read_sent_evidence((tmp_path / "rows.csv").read_bytes(), "rows.csv")
    assert sent.fingerprint == read_evidence("rows.csv").fingerprint
    assert sent.references == (f"./rows.csv@{sent.fingerprint}",) or sent.references[0].startswith("rows.csv@")
    text = (
        HEAD + "observations:\n  - {rows: rows.csv}\nscores:\n  - {name: s, of: chief, year: 2022/23, rows: rows.csv}\n"
    )
    text += "statements:\n  - {claim: rows.csv > ringfence, credence: 0.6, because: b}\n"
    with pytest.raises(EvidenceError) as refused:
        read_sent_evidence(text.encode(), "mine.yaml")
    assert [problem.path for problem in refused.value.problems] == [
        "observations[1].rows",
        "scores[1].rows",
        "statements[1].claim",
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (b"board,year,kept\nQWO,2022/23,0.4\n", "kept: is not a known key; did you mean `what: retained`"),
        (b"board,year,kept\nQWO,2022/23,0.4\n", "error: is missing; write a share such as 0.05 or 5%"),
        (
            b"board,year,what,value,error\nQWO,2022/23,kept,0.4,5%\n",
            "'kept' is not an outcome; did you mean 'retained'?",
        ),
    ],
)
def test_what_people_call_kept_is_answered_with_how_it_is_written(rows: bytes, says: str) -> None:
    with pytest.raises(InputError) as refused:
        read_sent_evidence(rows, "rows.csv")
    assert says in str(refused.value)
