"""The dashboard: move a lever and see, on real runs of the model, what it does to the money."""
