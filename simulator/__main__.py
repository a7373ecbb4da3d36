"""`python -m simulator` is the command `ringfence`."""

from simulator.cli import main

if __name__ == "__main__":
    main()
