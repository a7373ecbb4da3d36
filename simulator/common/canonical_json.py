"""One spelling of a JSON document, so that its digest is the same in every program: RFC 8785, for ASCII names."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence

from simulator.common.errors import InputError

_PARTS = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?")


def write_canonical(value: object) -> str:
    """A value as canonical JSON: names sorted, no spaces, numbers as JavaScript writes them.

    Raises InputError for numbers that are not finite, and for what JSON cannot hold.
    """
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        return write_number(value)
    if isinstance(value, Mapping):
        members = (f"{json.dumps(str(name))}:{write_canonical(value[name])}" for name in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(map(write_canonical, value)) + "]"
    raise InputError(f"{type(value).__name__} cannot stand in JSON")


def write_number(value: float) -> str:
    """A number as JavaScript writes it: 1, 0.1, 1e-7, 1e+21. Raises InputError if it is not finite."""
    number = float(value)
    if not math.isfinite(number):
        raise InputError("numbers in JSON are finite")
    if number == 0:
        return "0"
    parts = _PARTS.fullmatch(repr(number))
    if parts is None:
        raise InputError(f"{value!r} is no number that JSON can hold")
    sign, whole, fraction, exponent = parts[1], parts[2], (parts[3] or "").rstrip("0"), int(parts[4] or 0)
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + exponent - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def hash_document(value: object) -> str:
    """The SHA-256 of a value's canonical JSON in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(write_canonical(value).encode("utf-8")).hexdigest()
