"""Questions under their fields' names, for a notebook: each function returns an answer that prints, plots and saves."""
