"""Levers against each other: equivalence, attribution, packages and what they cost."""
