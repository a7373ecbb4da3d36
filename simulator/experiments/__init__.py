"""Experiments: methods that know declarations and results, and are handed a way to simulate; never the model itself."""
