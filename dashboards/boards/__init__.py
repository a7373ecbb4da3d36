"""The Boards page: the tile map, one board's story, and a visitor's own table of boards."""
