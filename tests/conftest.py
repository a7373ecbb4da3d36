"""Settings of all tests: no example has a deadline, for machines are noisy; in CI the examples never change.

`--quick` leaves out what starts processes, browsers, sweeps and fits: it is for every few minutes of work, and takes
less than two on two cores. The whole suite is for every commit that lands.
"""

from __future__ import annotations

import gc
import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.junitxml import xml_key
from hypothesis import HealthCheck, settings
from longest_first import BROWSERS, LONGEST, order, unit_of
from rewritten_once import list_modules, rewrite_share, share_of

from simulator.engine.kernel_sources import source_hash

if TYPE_CHECKING:
    from xdist.scheduler import LoadFileScheduling

os.environ["RINGFENCE_CACHE"] = "off"  # tests work everything out, and never touch what people keep

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.register_profile("quick", settings.get_profile("here"), max_examples=10)
settings.load_profile("ci" if os.environ.get("CI") else "here")

HERE = Path(__file__).parent
CODE_PROPERTY, COMMIT_PROPERTY = "ringfence_code", "ringfence_commit"
WHOLE_PROPERTY = "ringfence_whole"
SLOW = (
    "assurance/test_assurance_pack.py",
    "calibration/test_checks.py",
    "calibration/test_findings.py",
    "calibration/test_fit.py",
    "calibration/test_patterns_of_fit.py",
    "calibration/test_rebuild.py",
    "claims/test_changed_rules.py",
    "commands",
    "common/test_atomic_files.py",
    "common/test_damaged_files.py",
    "common/test_files_that_belong_together.py",
    "compatibility",
    "dashboards",
    "declarations/test_adding_a_number.py",
    "docs/test_documentation_site.py",
    "docs/test_notebooks.py",
    "engine/test_kernel_cache_helper.py",
    "evidence/test_board_counts.py",
    "evidence/test_board_likelihood.py",
    "notebook/test_answer_crates.py",
    "notebook/test_pictures.py",
    "notebook/test_study_answers.py",
    "plugins/test_plugins_at_work.py",
    "replays/test_survey.py",
    "reports",
    "rules/test_exact.py",
    "runs/test_cache_of_results.py",
    "runs/test_recipe.py",
    "runs/test_results.py",
    "runs/test_results_dataset.py",
    "studies/test_tool_adapters.py",
    "sweeps",
    "twins/test_page_driver.py",
)
"""Files and folders that `--quick` leaves out."""

NOT_SLOW = ("dashboards/selection/test_links.py", "dashboards/widgets")
"""What it keeps of them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--quick` and `--whole`."""
    parser.addoption("--quick", action="store_true", help="leave out processes, browsers, sweeps and fits")
    parser.addoption(
        "--whole", action="store_true", help="prove again what was proved of the same content, and note it"
    )


def pytest_configure(config: pytest.Config) -> None:
    """A mistyped name among the slow ones would run them every time, or late."""
    named = [HERE / name for name in (*SLOW, *NOT_SLOW)]
    named += [HERE.parent / name for name in LONGEST if name not in BROWSERS]
    missing = [path.relative_to(HERE).as_posix() for path in named if not path.exists()]
    if missing:
        raise pytest.UsageError(
            f"tests/conftest.py or longest_first.py names tests that are not there: {', '.join(missing)}"
        )
    if config.getoption("quick"):
        settings.load_profile("quick")
    pytest.MonkeyPatch().setattr(os, "fsync", flush_what_is_no_file)
    gc.disable()  # until all tests are collected: they are many, and none of them is garbage


def flush_what_is_no_file(handle: int, flush: Callable[[int], None] = os.fsync) -> None:
    """Files and folders of tests need not outlive the power, and the disk takes hundredths of a second for each."""
    mode = os.fstat(handle).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        flush(handle)


def pytest_sessionstart(session: pytest.Session) -> None:
    """A file of results says of which build it is, since `ringfence assurance --tests` asks."""
    results = session.config.stash.get(xml_key, None)
    if results is not None:
        results.add_global_property(CODE_PROPERTY, source_hash())
        results.add_global_property(COMMIT_PROPERTY, find_commit())
        results.add_global_property(WHOLE_PROPERTY, "yes" if session.config.getoption("whole") else "no")


def find_commit() -> str:
    """The commit that is tested, with "-dirty" where files were changed since; "" where git is not there."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=10"]
    try:
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def pytest_collection(session: pytest.Session) -> None:
    """A worker rewrites its share of the test modules before it collects all of them."""
    worker = getattr(session.config, "workerinput", None)
    if worker is not None:
        modules = list_modules(session.config.args, lambda path: bool(pytest_ignore_collect(path, session.config)))
        rewrite_share(session.config, share_of(modules, int(worker["workerid"][2:]), worker["workercount"]))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even read what `--quick` leaves out."""
    if not config.getoption("quick"):
        return None
    kept = [HERE / name for name in NOT_SLOW]
    if any(collection_path == path or path in collection_path.parents for path in kept):
        return None
    if any(collection_path in path.parents for path in kept):
        return None
    slow = [HERE / name for name in SLOW]
    return True if any(collection_path == path or path in collection_path.parents for path in slow) else None


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether what was proved of the same content before (`proofs.py`) is to be proved again."""
    return bool(request.config.getoption("whole"))


@pytest.fixture(scope="module")
def weighed_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a module weighs is kept for all workers, and taken from what others have kept."""
    from weighed_once import keep_weighings

    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "weighed"
    folder.mkdir(mode=0o700, exist_ok=True)
    with keep_weighings(folder):
        yield


@pytest.fixture(scope="module")
def scored_once() -> Iterator[None]:
    """The reports of a module take the scoreboard that this worker has worked out."""
    from scored_once import keep_scoreboard

    with keep_scoreboard():
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Among workers, share out whole files, in the order in which they were put below."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class LongestFirst(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return unit_of(nodeid)

    config.option.loadscopereorder = False
    return LongestFirst(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every worker puts its tests into the same order; who runs them alone keeps the order of folders."""
    if hasattr(config, "workerinput"):
        order(items)


def pytest_collection_finish() -> None:
    """Ten thousand tests are alive until the end, and the garbage collector never looks at them: not even here, where a
    search of all for the little that is garbage takes every worker most of a second.
    """
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)  # looked at 700 at a time, they take up to a tenth of a worker
    gc.enable()


def pytest_sessionfinish() -> None:
    """What is left is looked through once; pytest would do so five times, which takes every worker seconds."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _collect_what_servers_leave(request: pytest.FixtureRequest) -> Iterator[None]:
    """Sockets that a module may leave open are collected under its own filter of warnings, not in a later module. What
    is still alive then is not looked at again: the next such module looks at what has come since.
    """
    yield
    if request.node.get_closest_marker("filterwarnings"):
        gc.collect()
        gc.freeze()
