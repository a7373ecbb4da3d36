"""The command line as a whole: exit codes, streams, what is imported when, and failures told in words."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import typer.main
from cli_runs import FEW, bad, good, process, ring

import simulator as rf
from simulator.commands import cli
from simulator.commands.cli import app
from simulator.commands.shared import console as streams
from simulator.commands.shared import options, running
from simulator.engine import ensemble
from simulator.engine.kernel_sources import cache_folder_name
from simulator.runs import futures

pytestmark = pytest.mark.interface

HEAVY = (
    "numba",
    "scipy",
    "mesa",
    "pandas",
    "xarray",
    "h5py",
    "pyarrow",
    "sklearn",
    "matplotlib",
    "typst",
    "fontTools",
    "panel",
    "bokeh",
    "pydantic",
)
TABLES = ("numpy",)


def test_without_a_command_the_commands_are_listed() -> None:
    text = good()
    for name in ("run", "compare", "why", "report", "warm", "scenarios", "boards", "reference"):
        assert f"\n  {name} " in text


def test_the_version_is_that_of_the_package() -> None:
    assert good("--version") == f"ringfence {version('ringfence')}\n"


def test_every_option_and_argument_has_help() -> None:
    def walk(command: object, path: str) -> list[str]:
        texts = [f"{path} {p.name}" for p in command.params if p.name != "help" and not getattr(p, "help", "")]  # type: ignore[attr-defined]
        for name, inner in getattr(command, "commands", {}).items():
            texts += walk(inner, f"{path} {name}")
        return texts

    top = typer.main.get_command(app)
    assert isinstance(top, cli.Ringfence)
    commands = top.load_all()
    assert len(commands) > 25 and sum(len(command.params) for command in commands.values()) > 200
    assert [walk(command, name) for name, command in {"ringfence": top, **commands}.items()] == [[]] * (
        len(commands) + 1
    )


def test_the_line_about_a_command_in_the_list_begins_its_own_help() -> None:
    """The list is shown without loading the commands, so it holds these lines itself."""
    for name, command in typer.main.get_command(app).load_all().items():  # type: ignore[attr-defined]
        if name in (*cli.COMMANDS, *cli.GROUPS):
            summary = cli.COMMANDS[name] if name in cli.COMMANDS else cli.GROUPS[name].summary
            assert summary == " ".join(str(command.help).split("\n\n")[0].split()), name


def test_every_file_of_a_command_is_in_the_list() -> None:
    """sweep_files, which the sweep command uses, holds no command; the list is cli itself."""
    files = {path.stem for path in Path(cli.__file__).parent.glob("*.py")}
    listed = {cli.MODULES.get(name, name) for name in cli.COMMANDS} | set(cli.GROUPS)
    assert files - listed == {"__init__", "cli", "sweep_files"} and listed < files


def test_the_defaults_in_help_are_those_of_the_library() -> None:
    assert (options.SEED, options.DEFAULT_N, options.MOST) == (futures.SEED, futures.DEFAULT_N, futures.MOST)


def imports_of(code: str) -> set[str]:
    """The packages that a program of its own has imported when it ends, and the modules of `simulator.commands`."""
    end = "print([n for n in sys.modules if '.' not in n or n.startswith('simulator.commands.')], file=sys.stderr)"
    program = f"import sys\n{code}\n{end}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=True)
    return set(ast.literal_eval(done.stderr.strip().splitlines()[-1]))


def imports_of_command(*words: str) -> set[str]:
    return imports_of_commands(words)


def imports_of_commands(*commands: tuple[str, ...]) -> set[str]:
    """What one program has imported after it ran all these commands."""
    lines = ["from simulator.commands.cli import app"]
    for words in commands:
        lines += ["try:", f"    app({list(words)!r})", "except SystemExit as end:", f"    assert not end.code, {words}"]
    return imports_of("\n".join(lines))


def test_help_imports_no_model_no_tables_and_no_command() -> None:
    loaded = imports_of_command("--help")
    assert loaded & {*HEAVY, *TABLES, "ruamel", "rich"} == set()
    assert loaded & {entry.module for entry in cli.Ringfence.entries.values()} == set()


@pytest.mark.parametrize("name", ["compare", "sweep", "serve", "site"])
def test_the_help_of_a_command_imports_no_model_and_no_tables(name: str) -> None:
    assert imports_of_command(name, "--help") & {*HEAVY, *TABLES} == set()


def test_a_list_imports_no_model() -> None:
    commands = (("scenarios", "list"), ("scenarios", "show", "both"), ("boards", "list"), ("cache",))
    assert imports_of_commands(*commands) & set(HEAVY) == set()


def test_results_that_are_kept_are_compared_without_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGFENCE_CACHE", str(tmp_path))
    words = ("compare", "ringfence", "-n", "500")
    good(*words)
    assert imports_of_command(*words) & set(HEAVY) == set()


def test_a_model_that_is_compiled_runs_without_what_numba_would_compile_from() -> None:
    good("run", "baseline", *FEW)
    late = "{'scipy.linalg', 'numba.np.arraymath', 'numba.np.linalg'} & set(sys.modules)"
    assert "simulator.commands.cli" not in imports_of(
        f"import simulator as rf; rf.run('baseline', 8); rf.run_many(['both', 'ringfence'], 8); assert not {late}"
    )


def test_what_fits_and_tests_distributions_is_loaded_by_who_asks_for_it() -> None:
    """The dashboard and every answer on own evidence begin with these modules."""
    late = "{'scipy.stats', 'scipy.optimize'} & set(sys.modules)"
    modules = ("evidence.weighing", "evidence.elicitation", "experiments.decision.sequential_comparison")
    imports_of(f"import {', '.join(f'simulator.{name}' for name in modules)}; assert not {late}")


def test_the_package_imports_what_is_asked_of_it_alone() -> None:
    assert imports_of("import simulator") & {*HEAVY, *TABLES, "typer"} == set()
    assert (
        imports_of("import simulator as rf\nrf.load_scenario('ringfence'), rf.LEVERS, rf.RingfenceError") & set(HEAVY)
        == set()
    )


def test_answers_go_to_stdout_and_conflicts_to_stderr() -> None:
    done = process("compare", "aligned-targets+fewer-targets", "-n", "4", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["comparisons"][0]["scenario"] == "aligned-targets+fewer-targets"
    assert "conflict: 'alignment'" in done.stderr


def test_an_unknown_scenario_ends_with_code_1_and_a_suggestion() -> None:
    done = process("run", "rinfence")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: there is no scenario 'rinfence'; did you mean 'ringfence'?\n"


def test_wrong_usage_ends_with_code_2() -> None:
    assert process("compare", "--agaist", "baseline").returncode == 2


def test_a_pipe_gets_no_colour_codes_and_a_console_without_pounds_signs_still_works() -> None:
    done = process("run", "baseline", "-n", "4", encoding="ascii")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "GBP " in done.stdout
    assert "?" not in done.stdout


def test_a_minus_sign_that_a_console_lacks_becomes_a_hyphen(capsys: pytest.CaptureFixture[str]) -> None:
    streams.prepare()
    assert "−3 points – £1m, 猫".encode("cp1252", "ringfence-plain").decode("cp1252") == "-3 points – £1m, ?"


def test_messages_cannot_steer_a_terminal() -> None:
    assert "\x1b" not in bad("run", "ring\x1b[2Jfence")


def test_lost_pounds_are_an_internal_failure_with_code_3(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(*_: object) -> None:
        raise ensemble.PoundsError("pounds are not conserved")

    monkeypatch.setattr(running, "run_scenarios", lose)
    assert "internal failure: pounds are not conserved" in bad("run", "baseline", code=3)


def test_a_fault_of_the_program_is_not_blamed_on_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def slip(*_: object) -> None:
        raise KeyError("slip")

    monkeypatch.setattr(running, "run_scenarios", slip)
    result = ring("run", "baseline")
    assert result.exit_code == 3
    assert "Traceback" not in result.stderr
    assert "please report it" in result.stderr and "traceback" in result.stderr


def test_ctrl_c_ends_with_code_130_and_a_short_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "run_scenarios", stop)
    assert bad("run", "baseline", code=130).strip() == "stopped"


def test_too_many_futures_for_the_memory_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(running, "run_scenarios", full)
    assert "not enough memory" in bad("run", "baseline")


@pytest.mark.parametrize("n", ["0", "-5", "10000001", "many"])
def test_an_impossible_number_of_futures_is_wrong_usage(n: str) -> None:
    assert "-n" in bad("run", "baseline", "-n", n, code=2)


def test_json_and_csv_together_are_wrong_usage() -> None:
    assert "not both" in bad("compare", "--json", "--csv", code=2)


def test_the_same_seed_prints_the_same_bytes_and_another_seed_others() -> None:
    first = good("compare", "ringfence", *FEW, "--json")
    assert good("compare", "ringfence", *FEW, "--json") == first
    assert good("compare", "ringfence", *FEW, "--json", "--seed", "7") != first


def test_a_bar_appears_only_on_a_terminal_and_only_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setattr(streams.Bar, "_show", lambda bar: shown.append(bar.label))
    quick = streams.Bar("quick")
    quick(1, 2)
    monkeypatch.setattr(streams, "PATIENCE", -1.0)
    piped = streams.Bar("piped")
    piped(1, 2)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    watched = streams.Bar("watched")
    watched(1, 2)
    assert shown == ["watched"]


def test_a_cold_start_is_announced(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("simulator.engine.kernel_cache.list_folders", lambda name: ())
    monkeypatch.setattr("simulator.engine.kernel_cache._said", set())
    helped: list[str] = []
    monkeypatch.setattr("simulator.engine.kernel_cache.start_helping", helped.append)
    assert running.say_if_cold()
    assert "half a minute" in capsys.readouterr().err
    assert helped == [cache_folder_name()], "a second process makes ready to compile meanwhile"


def test_warming_says_that_the_model_is_ready() -> None:
    assert "it is ready" in good("warm")


def test_whatever_runs_futures_begins_with_one_declared_number_of_them() -> None:
    """So that README, commands, report, dashboard and explorer give the same numbers unless asked for others."""
    from inspect import signature

    from dashboards.analyses import attribution
    from dashboards.offline import commands as explorer_command
    from dashboards.offline import explorer
    from dashboards.offline.site import commands as site_command
    from dashboards.selection.selection import Selection
    from dashboards.tabs import evidence
    from simulator.calibration.scoreboard import scoreboard
    from simulator.commands import attribute, compare, replay, run
    from simulator.commands import scoreboard as scoreboard_command
    from simulator.reports import page as report
    from simulator.runs import run as running

    functions = [
        futures.draw_futures,
        report.write,
        scoreboard,
        attribute.attribute,
        compare.compare,
        compare.compare_scenarios,
        replay.replay,
        run.run,
        explorer_command.explorer,
        scoreboard_command.scoreboard,
        site_command.site,
    ]
    defaults_by_text = {
        f"{function.__module__}.{function.__name__}": signature(function).parameters["n"].default
        for function in functions
    }
    assert {name for name, n in defaults_by_text.items() if n != futures.DEFAULT_N} == set()
    for one in (running.run, running.run_many, rf.compare):  # None leaves the number to `futures`
        assert signature(one).parameters["n"].default is None
    assert {Selection().futures, explorer.FUTURES, attribution.FUTURES, evidence.FUTURES} == {futures.DEFAULT_N}
    readme = Path(__file__).parents[2] / "README.md"
    assert f"{futures.DEFAULT_N:,} futures" in readme.read_text(encoding="utf-8")
