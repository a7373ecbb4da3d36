"""The day on which tests make pages and files, where it makes no difference."""

from __future__ import annotations

import datetime as dt

DAY = dt.date(2026, 11, 29)
