"""The rulebook: every behaviour of a board, once, as a small pure function of numbers.

Rules import nothing but `math` (and `NamedTuple`, to name what they return). Luck arrives as an argument `u`;
parameter groups come last. Both drivers call these very functions, so operators, `math.sqrt`, and `exp` and `log` of
`exact.py` are all they may use: anything else could round differently once compiled, or on another computer.
"""
