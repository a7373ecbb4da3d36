"""The compiled driver: random numbers with an address, kernels, ensembles of futures."""
