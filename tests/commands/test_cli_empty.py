"""An option that is given as an empty text, and a variable of the environment that means nothing, are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import bad, good

from simulator.common.environment import CACHE, THREADS
from simulator.common.errors import InputError
from simulator.runs import result_cache
from simulator.runs.run import run

pytestmark = pytest.mark.interface


@pytest.mark.parametrize(
    "words",
    [
        ("run", "ringfence", "--years", ""),
        ("compare", "ringfence", "--from", " "),
        ("run", "ringfence", "--boards", ""),
        ("run", "ringfence", "--out="),
        ("compare", "--against", ""),
        ("compare", "ringfence", ""),
        ("package", "--lever", "audit=1", "--lever", ""),
        ("why", "ringfence", "--expect", ""),
        ("boards", "check", ""),
        ("scenarios", "show", ""),
        ("serve", "--auth", ""),
        ("--log-file", "", "run", "ringfence"),
    ],
)
def test_what_is_given_as_an_empty_text_is_refused_and_not_taken_for_left_out(words: tuple[str, ...]) -> None:
    message = bad(*words, code=2)
    assert "an empty text" in message
    named = [word.strip("=") for word in words if word.startswith("--")]
    assert not named or named[-1] in message


@pytest.mark.parametrize("threads", ["abc", "0", "-1", "1.5", "2 "])
def test_a_number_of_threads_that_is_none_is_refused_and_not_passed_over(
    threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(THREADS, threads)
    assert THREADS in bad("run", "baseline", "-n", "4")
    with pytest.raises(InputError, match=THREADS):
        run("baseline", 4)


@pytest.mark.parametrize("threads", ["", "1", "02"])
def test_a_number_of_threads_is_taken(threads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS, threads)
    assert len(run("baseline", 4).futures) == 4


@pytest.mark.parametrize("word", ["on", "yes", "true", "1", "On"])
def test_a_word_for_on_keeps_results_in_the_usual_folder_and_makes_none_of_that_name(
    word: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(CACHE)
    usual = result_cache.find_folder()
    monkeypatch.setenv(CACHE, word)
    assert result_cache.find_folder() == usual
    monkeypatch.setenv(CACHE, f"./{word}")
    assert result_cache.find_folder() == tmp_path / word / result_cache.SUBFOLDER


@pytest.mark.parametrize("word", ["off", "no", "FALSE", "0"])
def test_a_word_for_off_keeps_no_results(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE, word)
    assert result_cache.find_folder() is None
    assert "No results are kept" in good("cache")
