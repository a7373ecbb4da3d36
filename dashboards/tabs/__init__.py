"""The tabs: each answers one question."""
