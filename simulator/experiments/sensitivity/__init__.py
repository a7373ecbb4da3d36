"""What drives an outcome: Sobol', Morris, PAWN, main effects, variance decomposition."""
