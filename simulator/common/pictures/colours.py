"""The colours of pictures in a notebook: those of the project's charts, told apart by shape as well."""

FIRST, SECOND = "#005EB8", "#B5460B"
"""Of the first and the second value of a row."""

BAR, PALE, BAND = "#9CC3E6", "#C4CBD0", "#E8EDEE"
"""Of bars, of what is beaten or noise, and of a tolerance."""

INK, QUIET = "#212B32", "#4C6272"
