"""Exponential and logarithm of our own, so that every computer gives the same bits.

What `math.exp` and `math.log` give differs in the last digit from one system library, processor or browser to the next.
These use +, -, *, / and powers of two alone, which IEEE 754 rounds in one way everywhere, in a fixed order and never
fused. Errors are below one unit in the last place. The reductions and minimax polynomials are those of fdlibm, as
published by Sun Microsystems in 1993 (`e_exp.c` by K. C. Ng and `e_log.c`; the splitting of ln 2 is Cody and Waite's).
"""

import math

LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
LOG2_E = 1.44269504088896338700
ROOT_HALF = 0.70710678118654752440

EXP_LOWEST, EXP_HIGHEST = -708.0, 709.0
P1 = 1.66666666666666019037e-01
P2 = -2.77777777770155933842e-03
P3 = 6.61375632143793436117e-05
P4 = -1.65339022054652515390e-06
P5 = 4.13813679705723846039e-08

LOG_LOWEST, LOG_HIGHEST = 2.2250738585072014e-308, 1.7976931348623157e308
L1 = 6.666666666666735130e-01
L2 = 3.999999999940941908e-01
L3 = 2.857142874366239149e-01
L4 = 2.222219843214978396e-01
L5 = 1.818357216161805012e-01
L6 = 1.531383769920937332e-01
L7 = 1.479819860511658591e-01


def exp(x: float) -> float:
    """Raises e to x, for x from -708 to 709; below that it gives 0, above it infinity."""
    if not EXP_LOWEST <= x <= EXP_HIGHEST:
        return 0.0 if x < 0.0 else x + math.inf
    power = int(x * LOG2_E + (0.5 if x > 0.0 else -0.5))
    high = x - power * LN2_HIGH
    low = power * LN2_LOW
    r = high - low
    z = r * r
    c = r - z * (P1 + z * (P2 + z * (P3 + z * (P4 + z * P5))))
    return scale(1.0 - ((low - r * c / (2.0 - c)) - high), power)


def log(x: float) -> float:
    """Gives the natural logarithm of x, for positive normal numbers; below them it gives minus infinity."""
    if not LOG_LOWEST <= x <= LOG_HIGHEST:
        return -math.inf if x < LOG_LOWEST else x
    half, above = split(x)
    small = half < ROOT_HALF
    power = above - 1 if small else above
    f = (2.0 * half if small else half) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    rest = w * (L2 + w * (L4 + w * L6)) + z * (L1 + w * (L3 + w * (L5 + w * L7)))
    square = 0.5 * f * f
    return power * LN2_HIGH - ((square - (s * (square + rest) + power * LN2_LOW)) - f)


def scale(x: float, power: int) -> float:
    """Multiplies x by two to this power, which is exact for normal numbers."""
    return math.ldexp(x, power)


def split(x: float) -> tuple[float, int]:
    """Splits x into a number from a half to below one, and the power of two to multiply it by."""
    return math.frexp(x)
