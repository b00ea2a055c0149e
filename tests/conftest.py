"""How properties are tried: `--hypothesis-profile=thorough` tries more examples of each.

In CI the examples are the same in every run, so that it says something of the change alone. There
is no deadline: machines are noisy.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=5000)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")
