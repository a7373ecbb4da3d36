"""Does the wheel work by itself? `scripts/try-wheel [PYTHON...]` builds it and uses it where there is nothing else.

For each Python: an empty environment, the wheel with its dependencies at the versions of constraints.txt (`--lowest`
takes the lower bounds of pyproject.toml instead), then `ringfence --help`, a comparison, and the dashboard, of which a
page is read.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
WAIT = 300
"""Seconds for the dashboard to answer, compiling included."""


def call(*words: str | Path, cwd: Path) -> str:
    """What a program prints. Raises RuntimeError with its words where it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
    return done.stdout


def build_wheel(folder: Path) -> Path:
    """The wheel, built into a folder."""
    call(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=ROOT)
    return next(folder.glob("ringfence-*.whl"))


def install(wheel: Path, python: str, folder: Path, lowest: bool) -> Path:
    """An environment with nothing but the wheel and what it asks for. Returns the folder of its programs."""
    call(python, "-m", "venv", folder, cwd=folder.parent)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    if lowest:
        uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", programs / "python"]
        call(*uv, "--resolution", "lowest-direct", wheel, cwd=folder.parent)
    else:
        bounds = ("-c", ROOT / "constraints.txt")
        call(programs / "python", "-m", "pip", "install", "--quiet", *bounds, wheel, cwd=folder.parent)
    return programs


def use(programs: Path, empty: Path) -> str:
    """Use it from an empty folder. Returns what was seen, in a line; raises RuntimeError for what does not work."""
    said = call(programs / "ringfence", "--help", cwd=empty)
    if "compare" not in said:
        raise RuntimeError(f"ringfence --help says: {said[:500]}")
    table = call(programs / "ringfence", "compare", "ringfence", "leadership", "-n", "100", "--csv", cwd=empty)
    rows = table.strip().splitlines()
    if len(rows) != 3:
        raise RuntimeError(f"ringfence compare gave {len(rows)} lines")
    size = read_dashboard(programs, empty)
    version = call(programs / "python", "--version", cwd=empty).strip()
    return f"{version}: help, a comparison of {len(rows) - 1} scenarios, and the dashboard's page ({size:,} bytes)"


def read_dashboard(programs: Path, empty: Path) -> int:
    """Start the dashboard, read its page and stop it. Returns the page's size in bytes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = empty / "serve.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [str(programs / "ringfence"), "serve", "--port", str(port)], cwd=empty, stdout=out, stderr=out
        )
    try:
        until = time.monotonic() + WAIT
        while time.monotonic() < until and server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as page:
                    text: bytes = page.read()
                if page.status == 200 and b"Ringfence" in text:
                    return len(text)
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(1)
    finally:
        server.terminate()
        server.wait(30)
    raise RuntimeError(f"the dashboard did not answer:\n{log.read_text()[-1500:]}")


def main() -> int:
    """Try each Python. Exit code 1 where one fails."""
    parser = argparse.ArgumentParser(prog="scripts/try-wheel", description=__doc__)
    parser.add_argument("pythons", nargs="*", default=[sys.executable], metavar="PYTHON", help="such as python3.12")
    parser.add_argument("--lowest", action="store_true", help="install the lowest versions allowed (needs uv)")
    asked = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder))
        print(f"built {wheel.name}, {wheel.stat().st_size / 1e6:.1f} MB")
        for number, python in enumerate(asked.pythons):
            empty = Path(folder) / f"empty-{number}"
            empty.mkdir()
            try:
                print(use(install(wheel, python, Path(folder) / f"venv-{number}", asked.lowest), empty), flush=True)
            except (RuntimeError, OSError) as problem:
                failed = 1
                print(f"error: {python}: {problem}", file=sys.stderr, flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
