"""Settings of all tests: no example has a deadline, for machines are noisy; in CI the examples never change."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

os.environ["RINGFENCE_CACHE"] = "off"  # tests work everything out, and never touch what people keep

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
