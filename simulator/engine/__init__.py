"""The compiled driver: random numbers by address (seed, run, area, quarter, event), kernels, ensembles of futures."""
