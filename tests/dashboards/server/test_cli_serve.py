"""`ringfence serve`: what cannot be used is said before anything else, and what is printed is true."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_runs import bad

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.access.options import AccessOptions
from dashboards.server import listening
from dashboards.server.listening import explain_listen_error, find_browser_address
from dashboards.server.server import listen
from simulator.common.errors import InputError

pytestmark = [pytest.mark.interface, pytest.mark.filterwarnings("default")]

ROOT = Path(__file__).parents[3]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as free:
            free.bind(("::1", 0))
    except OSError:
        return False
    return True


def told(*options: str, cwd: Path, found_first: Path | None = None) -> tuple[int, list[str]]:
    """Exit code and lines of a `serve` that cannot, in a folder, with modules of another that are found before all."""
    command = [sys.executable, "-m", "simulator", "serve", *options]
    folders = [str(folder) for folder in (found_first, ROOT) if folder is not None]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, (done.stdout + done.stderr).splitlines()


@pytest.mark.parametrize("kind", ["basic", "oauth"])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing", "there is no such file"),
        ("folder", "is not a file"),
        ("binary", "is not UTF-8 text"),
        ("empty", "holds? "),
    ],
)
def test_a_file_of_a_login_that_cannot_be_used_is_said_in_a_sentence(
    kind: str, name: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(InputError, match=rf"{name}: .*{why}") as caught:
        listen(0, "127.0.0.1", False, [], AccessOptions(f"{kind}:{tmp_path / name}"))
    assert "Errno" not in str(caught.value) and "codec" not in str(caught.value)


def test_a_taken_port_is_said_in_one_sentence_with_a_free_one_before_panel_is_imported(
    taken: int, tmp_path: Path
) -> None:
    (tmp_path / "panel.py").write_text("raise SystemExit('Panel is imported')\n", encoding="utf-8")
    code, lines = told("--port", str(taken), cwd=ROOT, found_first=tmp_path)
    assert code == 1 and len(lines) == 1
    assert lines[0].startswith(
        f"error: port {taken} is taken by another program; choose another: ringfence serve --port "
    )
    free = int(lines[0].rpartition(" ")[2])
    assert free != taken
    with socket.socket() as other:
        other.bind(("127.0.0.1", free))


def test_nothing_is_said_before_address_and_hosts_are_found_to_be_good(
    taken: int, capfd: pytest.CaptureFixture[str]
) -> None:
    for options, message in (
        (("--address", "192.0.2.1"), "error: --address 192.0.2.1 is no address of this computer"),
        (("--address", "no such host"), "error: --address no such host is no address of this computer"),
        (("--allow", "https://a.example"), "error: --allow 'https://a.example' is no host"),
        (("--embed-from", "www.example.org"), "error: --embed-from 'www.example.org' is no address of a web site"),
        (("--embed-from", "https://*.example.org"), "error: --embed-from 'https://*.example.org' is no address"),
        (("--embed-from", "https://a.example/page"), "error: --embed-from 'https://a.example/page' is no address"),
        (("--auth", "basic:nowhere.txt"), "error: "),
    ):
        lines = bad("serve", "--port", str(taken), *options).splitlines()
        assert len(lines) == 1 and lines[0].startswith(message)
        assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "[::1]", "0.0.0.0"])
def test_a_server_listens_at_every_address_of_its_own_and_says_one_that_answers(address: str) -> None:
    if ":" in address and not has_ipv6():
        pytest.skip("this computer has no IPv6")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ready = listen(port, address, False, [], AccessOptions())
    try:
        host = ready.where.removeprefix("http://").removesuffix("/")
        assert ready.server._tornado.settings["hosts"].includes(host)
        name = host.rpartition(":")[0].strip("[]")
        with socket.create_connection((name, port), 5):
            pass
    finally:
        ready.server._http.stop()


def test_where_another_program_has_the_port_at_the_other_localhost_a_number_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "is_free", lambda *_: False)
    assert find_browser_address("127.0.0.1", 5006) == "http://127.0.0.1:5006/"
    monkeypatch.setattr(listening, "is_free", lambda *_: True)
    assert find_browser_address("127.0.0.1", 5006) == "http://localhost:5006/"
    assert (find_browser_address("::1", 5006), find_browser_address("::", 5006)) == (
        "http://[::1]:5006/",
        "http://localhost:5006/",
    )


def test_a_port_that_is_not_for_everybody_is_said() -> None:
    assert "above 1023" in explain_listen_error(PermissionError(13, "Permission denied"), 80, "127.0.0.1")
    assert "try another --port" in explain_listen_error(OSError(99999, "strange"), 80, "::1")


def test_files_and_folders_that_happen_to_have_a_name_of_ours_are_in_nobodys_way(tmp_path: Path) -> None:
    for name in ("numpy", "panel", "typer", "bokeh"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')\n", encoding="utf-8")
    for name in ("dashboards", "scenarios"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong one')\n", encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code, lines = told("--port", str(port), "--auth", "basic:nowhere.txt", cwd=tmp_path)  # looked for after all imports
    assert code == 1 and len(lines) == 1 and "nowhere.txt: there is no such file" in lines[0]


def test_another_package_that_is_found_before_the_dashboard_is_named(tmp_path: Path) -> None:
    (tmp_path / "dashboards").mkdir()
    (tmp_path / "dashboards" / "__init__.py").write_text("", encoding="utf-8")
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.path.insert(0, {str(tmp_path)!r}); "
        "from simulator.commands.cli import main; sys.argv = ['ringfence', 'serve']; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1
    assert "has the name of a part of Ringfence and is found before it" in done.stderr
    assert str(tmp_path) in done.stderr and len(done.stderr.splitlines()) == 1
