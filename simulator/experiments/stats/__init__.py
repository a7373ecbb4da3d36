"""Statistics that know nothing of policies: resampling, regression, weights, sequences, roots."""
