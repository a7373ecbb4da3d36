"""The tile map, a board's story, and boards of one's own."""
