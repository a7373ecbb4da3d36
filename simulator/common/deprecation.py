"""Old names that keep working for one release, and say the new one."""

from __future__ import annotations

import warnings
from typing import Any


def renamed_attribute(old: str, new: str) -> Any:
    """A property that reads the attribute `new` under its old name, with a DeprecationWarning that says both."""

    def read(self: object) -> object:
        warnings.warn(
            f"{type(self).__name__}.{old} is now called {new}; the old name goes in the next release",
            DeprecationWarning,
            stacklevel=2,
        )
        return getattr(self, new)

    return property(read, doc=f"Deprecated: read `{new}`.")
