"""Pictures of answers in a notebook, drawn with matplotlib from a table and what its columns mean."""
