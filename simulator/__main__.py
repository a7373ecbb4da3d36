"""`python -m simulator` is the command `ringfence`."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]

# Python puts the folder that one is in before everything that is installed. A file or folder there that happens to be
# called numpy.py would be taken for the real one; the command `ringfence` does not look there either.
if sys.path and Path(sys.path[0]).resolve() == Path.cwd().resolve() != HERE:
    del sys.path[0]

from simulator.commands.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
