"""How properties are tested: `--hypothesis-profile=thorough` tries more examples of each.

In CI the examples are the same in every run, so that a failure is due to the change. There
is no deadline: machines are noisy.

No test reaches further than this machine.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=5000)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


def _stay_at_home(event: str, arguments: tuple[Any, ...]) -> None:
    """Lets nothing connect to another machine, or look one up."""
    if event == "socket.connect":
        host = arguments[1][0] if isinstance(arguments[1], tuple) else "a local socket"
        assert host in {"127.0.0.1", "::1", "a local socket"}, f"a test connects to {host}"


sys.addaudithook(_stay_at_home)
