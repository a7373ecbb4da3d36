"""Scenario discovery: in which part of what is uncertain a policy fails (PRIM, trees)."""
