"""The scenarios that are compared with today's rules where nobody names others."""

from __future__ import annotations

HEADLINE = ("ringfence", "leadership", "both")
