"""Exponential and logarithm of our own, so that every computer gives the same bits.

What `math.exp` and `math.log` give differs in the last digit from one system library, processor or browser to the next.
These use +, -, *, / and powers of two alone, which IEEE 754 rounds in one way everywhere, in a fixed order and never
fused. Errors are below one unit in the last place. Ranges are reduced as Cody and Waite do, with fdlibm's ln 2 in two
parts. `log` is fdlibm's (`e_log.c`, Sun Microsystems 1993), with its minimax polynomial. The polynomial of `exp` stands
for (e^r - 1 - r) / r^2 where |r| is at most 0.34665; Remez' exchange gave it, and leaves e^r an error of 3.5e-18. It is
summed in pairs (Estrin), which is quicker than one term after the other.
"""

import math

LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
LOG2_E = 1.44269504088896338700
ROUNDING = 6755399441055744.0  # 1.5 * 2^52: adding it and taking it away rounds to whole numbers

EXP_LOWEST, EXP_HIGHEST = -708.0, 709.0
E0 = 0.5000000000000012
E1 = 0.166666666666667
E2 = 0.04166666666651527
E3 = 0.008333333333307177
E4 = 0.0013888888947058483
E5 = 0.00019841269917444276
E6 = 2.480148989483821e-05
E7 = 2.755721624631194e-06
E8 = 2.7631298297704333e-07
E9 = 2.511787846475478e-08

LOG_LOWEST, LOG_HIGHEST = 2.2250738585072014e-308, 1.7976931348623157e308
L1 = 6.666666666666735130e-01
L2 = 3.999999999940941908e-01
L3 = 2.857142874366239149e-01
L4 = 2.222219843214978396e-01
L5 = 1.818357216161805012e-01
L6 = 1.531383769920937332e-01
L7 = 1.479819860511658591e-01

ROOT_HALF = 0.70710659027099609375
"""Near the root of a half: the number whose bits are 0x3FE6A09E00000000."""


def exp(x: float) -> float:
    """Raises e to x, for x from -708 to 709; below that it gives 0, above it infinity."""
    if not EXP_LOWEST <= x <= EXP_HIGHEST:
        return 0.0 if x < 0.0 else x + math.inf
    power = (x * LOG2_E + ROUNDING) - ROUNDING
    high = x - power * LN2_HIGH
    low = power * LN2_LOW
    r = high - low
    r2 = r * r
    r4 = r2 * r2
    upper = ((E4 + E5 * r) + r2 * (E6 + E7 * r)) + r4 * (E8 + E9 * r)
    rest = ((E0 + E1 * r) + r2 * (E2 + E3 * r)) + r4 * upper
    return scale(1.0 + (high + (r2 * rest - low)), power)


def log(x: float) -> float:
    """Gives the natural logarithm of x, for positive normal numbers; below them it gives minus infinity."""
    if not LOG_LOWEST <= x <= LOG_HIGHEST:
        return -math.inf if x < LOG_LOWEST else x
    near_one, power = split(x)
    f = near_one - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    rest = w * (L2 + w * (L4 + w * L6)) + z * (L1 + w * (L3 + w * (L5 + w * L7)))
    square = 0.5 * f * f
    return power * LN2_HIGH - ((square - (s * (square + rest) + power * LN2_LOW)) - f)


def scale(x: float, power: float) -> float:
    """Multiplies x by two to this power, a whole number; that is exact for normal numbers."""
    return math.ldexp(x, int(power))


def split(x: float) -> tuple[float, int]:
    """Splits x into a number from about 0.71 to 1.41 and the power of two to multiply it by."""
    fraction, power = math.frexp(x)
    return (2.0 * fraction, power - 1) if fraction < ROOT_HALF else (fraction, power)
