"""`python -m bench` measures everything, prints it and writes `bench/RESULTS.md`.

`python -m bench parse growth` measures only these parts, and only prints.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from bench import (
    asked,
    growth,
    hot,
    image,
    key_sentence,
    page,
    parse,
    ranking,
    report,
    repository,
    run,
    startup,
)

PARTS: Mapping[str, Callable[[], str]] = {
    "parse": parse.measure,
    "run": run.measure,
    "startup": startup.measure,
    "image": image.measure,
    "growth": growth.measure,
    "repository": repository.measure,
    "requests": asked.measure,
    "page": page.measure,
    "ranking": ranking.measure,
    "sentence": key_sentence.measure,
    "profile": hot.measure,
}


def main(names: Sequence[str]) -> None:
    """Measures the parts that are named, or all."""
    found = []
    for name in names or PARTS:
        found.append(PARTS[name]())
        sys.stdout.write(f"{found[-1]}\n")
        sys.stdout.flush()
    if not names:
        report.write("\n".join([report.machine(), *found]))


if __name__ == "__main__":
    main(sys.argv[1:])
