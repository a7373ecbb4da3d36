"""Sweeps: many points of a design, run anywhere, never lost."""
