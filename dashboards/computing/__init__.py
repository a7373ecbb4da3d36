"""Working out what is chosen, off the caller's thread, and keeping it. Knows nothing of screens."""
