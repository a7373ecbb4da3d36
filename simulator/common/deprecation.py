"""Old names that keep working for one release, and say the new one."""

from __future__ import annotations

from typing import Any

from simulator.common.user_warnings import warn_caller


def renamed_attribute(old: str, new: str) -> Any:
    """A property that reads the attribute `new` under its old name, with a DeprecationWarning that says both."""

    def read(self: object) -> object:
        warn_caller(
            f"{type(self).__name__}.{old} is now called {new}; the old name goes in the next release",
            DeprecationWarning,
        )
        return getattr(self, new)

    return property(read, doc=f"Deprecated: read `{new}`.")
