"""Runs a command, and prints what it and its children took, as one line of JSON.

On Linux, a new process starts with the peak memory of its parent. So this small process starts the
command, and not the benchmark, which is large.
"""

from __future__ import annotations

import json
import os
import sys
from time import perf_counter


def main() -> None:
    """Runs the command given as arguments, and discards its output."""
    silence = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    begun = perf_counter()
    process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silence)
    _, status, usage = os.wait4(process, 0)
    seconds = perf_counter() - begun
    if status:
        sys.exit(f"{sys.argv[1:]} failed")
    measured = {
        "seconds": seconds,
        "cpu": usage.ru_utime + usage.ru_stime,
        "bytes": usage.ru_maxrss * 1024,
    }
    sys.stdout.write(json.dumps(measured))


if __name__ == "__main__":
    main()
