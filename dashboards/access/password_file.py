"""A file of names and hashed passwords: one person a line, `name:scrypt$cost$salt$hash`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from functools import lru_cache
from pathlib import Path

from simulator.common.atomic_files import write_bytes
from simulator.common.errors import InputError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
SHORTEST, LONGEST = 10, 1024
LARGEST = 1_000_000
COST = 15
"""Two to this power: about a tenth of a second and 32 MB for every attempt."""

_LINE = re.compile(r"scrypt\$(1[0-9])\$([A-Za-z0-9+/=]{8,64})\$([A-Za-z0-9+/=]{32,96})")


def hash_password(password: str, cost: int = COST) -> str:
    """Hash a password. Raises ValueError if it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(f"a password has {SHORTEST} to {LONGEST} letters; four words that do not go together will do")
    salt = secrets.token_bytes(16)
    fields = (base64.b64encode(part).decode("ascii") for part in (salt, _hash_with_scrypt(password, salt, cost)))
    return f"scrypt${cost}${'$'.join(fields)}"


def _hash_with_scrypt(password: str, salt: bytes, cost: int) -> bytes:
    text = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=2**cost, r=8, p=1, maxmem=2**cost * 1024 + 2**21, dklen=32)


def check_password(password: str, stored: str) -> bool:
    """Whether a password has this hash. It takes as long if there is no hash, so that timing gives no names away."""
    match = _LINE.fullmatch(stored or _make_hash_of_nobody())
    if match is None or len(password) > LONGEST:
        return False
    computed = _hash_with_scrypt(password, base64.b64decode(match[2]), int(match[1]))
    return hmac.compare_digest(computed, base64.b64decode(match[3])) and bool(stored)


@lru_cache(maxsize=1)
def _make_hash_of_nobody() -> str:
    return hash_password(secrets.token_hex(16))


def read_password_file(path: Path) -> dict[str, str]:
    """What is kept for each name. Raises ValueError with the file, and its line, for what cannot be used."""
    people = _parse_lines(_read_lines(path), path)
    if not people:
        raise InputError(f"{path.name}: holds no names; add one with `ringfence password {path.name} NAME`")
    return people


def _read_lines(path: Path) -> list[str]:
    """The lines of a file of passwords. Raises ValueError for anything that is no text file, or cannot be read."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is not a file; give the name of a file of passwords")
    try:
        raw = path.read_bytes()[: LARGEST + 1]
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; `ringfence password {path.name} NAME` makes it") from None
    except OSError:
        raise InputError(f"{path}: cannot be read; see whether this user may read it") from None
    if len(raw) > LARGEST:
        raise InputError(f"{path.name}: is too large for a file of passwords")
    try:
        return raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{path.name}: is not UTF-8 text; let `ringfence password` write it") from None


def _parse_lines(lines: list[str], path: Path) -> dict[str, str]:
    """What the lines keep for each name; empty lines and those that begin with # are comments. Raises ValueError."""
    people: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name, _, stored = line.strip().partition(":")
        if not name or name.startswith("#"):
            continue
        if not NAME.fullmatch(name) or not _LINE.fullmatch(stored):
            raise InputError(f"{path.name}:{number}: is no name with a hashed password; use `ringfence password`")
        if name in people:
            raise InputError(f"{path.name}:{number}: {name} is there twice")
        people[name] = stored
    return people


def save_password(path: Path, name: str, password: str) -> bool:
    """Add somebody or change a password; True if the name is new. Nobody else on this computer may read the file.

    Raises ValueError for a name or a password that cannot be taken, and for a file that holds anything but passwords,
    which is then left as it was.
    """
    if not NAME.fullmatch(name):
        raise InputError(f"'{name[:64]}' is no name: letters, digits and . _ @ + - only, at most 64")
    line = f"{name}:{hash_password(password)}"
    lines = _read_lines(path) if path.exists() else []
    _parse_lines(lines, path)
    others = [other for other in lines if other.strip().partition(":")[0] != name]
    write_bytes(path, "\n".join([*others, line, ""]).encode("utf-8"), private=True)
    return len(others) == len(lines)


class PasswordFile:
    """The file as it stands: somebody who is taken out, or has another password, is out at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] = (0, 0)
        self._people = read_password_file(path)

    def find_hash(self, name: str) -> str:
        """The hash for a name; "" if there is no such person or the file cannot be read."""
        try:
            about = self.path.stat()
            if (about.st_mtime_ns, about.st_size) != self._seen:
                self._people = read_password_file(self.path)
                self._seen = (about.st_mtime_ns, about.st_size)
        except (OSError, ValueError):
            self._seen, self._people = (0, 0), {}
        return self._people.get(name, "")
