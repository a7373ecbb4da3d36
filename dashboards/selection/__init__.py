"""What is chosen: scenarios, outcome, years, analyses, place on the map; the permalink. Knows nothing of screens."""
