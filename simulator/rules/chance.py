"""How one uniform draw becomes a number: closed forms, each increasing in u."""

from simulator.rules.exact import exp, log


def positive(x: float) -> float:
    """Is x where x is above 0, else 0."""
    return x if x > 0.0 else 0.0


def clip(x: float, low: float, high: float) -> float:
    """Keeps x between low and high."""
    return low if x < low else min(x, high)


def logit(u: float) -> float:
    """Turns a probability into log-odds."""
    return log(u / (1.0 - u))


def logistic(x: float) -> float:
    """Turns log-odds into a probability."""
    return 1.0 / (1.0 + exp(-x)) if x > -700.0 else 0.0


def happens(u: float, pull: float) -> bool:
    """Says whether an event with these log-odds happens: u below logistic(pull)."""
    # A few terms of the exponential's series bound the chance from above and settle most cases without it.
    y = -pull if pull < 0.0 else pull
    unlikely = 2.0 + y * (1.0 + y * (0.5 + y * (0.16666 + y * 0.04166)))
    if pull < 0.0 and u * unlikely > 1.000001:
        return False
    if pull >= 0.0 and (1.0 - u) * unlikely > 1.000001:
        return True
    return u < logistic(pull)


def bell(u: float) -> float:
    """Draws from a logistic curve with mean 0 and standard deviation 1, slightly heavier in the tails than a normal."""
    return logit(u) * 0.5513288954217921


def share(u: float, middle: float, spread: float) -> float:
    """Draws a share around a middle value, with a spread in log-odds."""
    return logistic(logit(clip(middle, 1e-6, 1.0 - 1e-6)) + spread * logit(u))


def geometric(u: float, mean: float) -> int:
    """Draws a number of quarters, 1 or more, with this mean."""
    if mean <= 1.0001:
        return 1
    return 1 + int(log(1.0 - u) / log(1.0 - 1.0 / mean))
