"""Replays: other places and times run through the same rules, and what was observed there."""
