"""The explorer that needs no server."""
