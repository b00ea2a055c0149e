"""Whether the tests of the pure core notice a change of its code: mutation testing.

mutmut (https://mutmut.readthedocs.io) makes the mutants. Its own runner would try them all, which
takes hours; here it is a sample of all modules together, and a seed draws the same one again.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Final

from libcst import Module, ensure_type
from mutmut.mutation.file_mutation import Mutation, create_mutations, deep_replace

from bench import report

ROOT: Final = Path(__file__).parents[1]
GOAL: Final = 0.92

MODULES: Final[Mapping[str, Sequence[str]]] = {
    "arxiv/checks": ["checks"],
    "arxiv/combined": ["combined"],
    "arxiv/schedule": ["schedule"],
    "interests/picks": ["picks"],
    "interests/ranking": ["interests_formula", "interests_ranking"],
    "interests/words": ["interests_ranking"],
    "memory/datafile": ["archive", "datafile"],
    "memory/merge": ["merge", "news", "snapshot", "trends"],
    "memory/news": ["merge", "news"],
    "publish/splice": ["splice"],
    "topics/analyzer": ["analyzer"],
    "topics/query": ["query", "describe"],
    "views/digest": ["digest"],
    "views/fit": ["pages"],
}
"""The modules, and the names of the tests of each."""

WHOLE: Final = "a whole number is above a fraction if it is above its whole part"
EQUAL: Final = "both are always as long as each other"
NO: Final = "it says no as well"
SAME: Final = "any value that is the same for both is as good"
CASE: Final = "case makes no difference there"
FASTER: Final = "pairs that no liked paper has decide nothing; without them it is faster"

REASONS: Final[Mapping[str, str]] = {
    "strict=None": EQUAL,
    "strict=False": EQUAL,
    "zip(sections, news.topics, )": EQUAL,
    "zip(sums, counts, )": EQUAL,
    "zip(scores, vectors, )": EQUAL,
    "arxiv_id[:5] >= month": "the fifth character of an id is a dot, which changes no order",
    "+= 1 if is_start else 1001": "any number that no text has so many words as is as good",
    "+= 2 if is_start": "it is still less than any word within a sentence counts",
    ") / UNSORTED_SHARE": WHOLE,
    ") / LOST_SHARE": WHOLE,
    "age > CHECK_EVERY / 2": WHOLE,
    "places: Sequence[str] = None": NO,
    "is_own=None": NO,
    ": str = None": NO,
    "* count / (K1 + 1)": "the norm takes away what all weights are multiplied with",
    "is_complete=None, failure": NO,
    "date >= day - LOOK_BACK": "one paper more in an estimate, which is rounded to hundreds",
    "self._stems, None)": FASTER,
    "differences[1].unwanted": "all of them have the same",
    "replace(section, new=None": SAME,
    "replace(section, new=(), checked=None, unconfirmed=None": SAME,
    "unconfirmed=(), doubts=None)": SAME,
    "unconfirmed=(), doubts=1)": SAME,
    'taken.take(best, BEST), "XXXX")': "no topic is called so",
    "taken.take(best, BEST), None)": "no topic is called so",
    '"XXXX".join(filter(str.isalnum': "both titles get the same between their letters",
    "_region(tokens, text, None, marker)": "the error is caught, and its words are not used",
    '_find(tokens, marker, "START")': CASE,
    '_find(tokens, marker, "END")': CASE,
    'for kind in ("START", "end")': CASE,
    'for kind in ("start", "END")': CASE,
    "token.map[0] > line": "no heading begins in the line of a marker",
    "token.map[0] <= line": "no heading begins in the line of a marker",
    "(known is None) or True": FASTER,
    "range(1, room + 2)": "what fits with one more than the room is the same",
}
"""Why a mutant may survive, by what it makes of the code: nobody could tell the difference. It
counts as alive all the same."""

COPIED: Final = shutil.ignore_patterns(".?*", "build", "demo", "dist", "*.egg-info", "__pycache__")
"""What a copy of the project does without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A module with one change."""

    module: str
    line: int
    change: tuple[str, str]
    """The lines that differ, before and after."""
    code: str


def changes(module: str) -> Iterator[Callable[[], Mutant]]:
    """Yields what makes each mutant of the code in the functions and classes of a module.

    A constant of the module is a decision; a test of its value would only repeat it.
    """
    path = ROOT / "daily_papers" / f"{module}.py"
    tree, mutations, *_ = create_mutations(str(path), path.read_text(encoding="utf-8"))
    for mutation in mutations:
        if mutation.contained_by_top_level_function:
            yield partial(_mutant, module, tree, mutation)


def _mutant(module: str, tree: Module, mutation: Mutation) -> Mutant:
    mutated = deep_replace(tree, mutation.original_node, mutation.mutated_node)
    code = ensure_type(mutated, Module).code
    before, after = tree.code.splitlines(), code.splitlines()
    differences = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    _, start, end, new_start, new_end = next(d for d in differences if d[0] != "equal")
    return Mutant(
        module=module,
        line=start + 1,
        change=(_one_line(before[start:end]), _one_line(after[new_start:new_end])),
        code=code,
    )


def _one_line(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())


def passes(copy: Path, module: str, timeout: float | None = None) -> bool:
    """Whether the tests of a module pass in a copy of the project; an endless loop does not.

    Without a `timeout` it is the first run, of the code as it is: it leaves the times of the tests,
    and bytecode. No mutant's run does, so that none ever meets the bytecode of another.
    """
    tests = [f"tests/test_{name}.py" for name in MODULES[module]]
    options = ["-qx", "-pno:randomly", "-pno:cacheprovider", "-pbench.quickest"]
    options += ["--hypothesis-profile=mutants"]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    environment = os.environ | {
        "PYTHONPATH": "",
        "PYTHONDONTWRITEBYTECODE": "1" if timeout else "",
        "DAILY_PAPERS_TEST_TIMES": str(copy / f"{module.replace('/', '-')}.json"),
    }
    try:
        found = subprocess.run(
            command, cwd=copy, env=environment, timeout=timeout, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return found.returncode == 0


def survives(mutant: Mutant, copies: SimpleQueue[Path], timeout: float) -> bool:
    """Whether the tests pass in spite of a mutant."""
    copy = copies.get()
    try:
        path = copy / "daily_papers" / f"{mutant.module}.py"
        path.write_text(mutant.code, encoding="utf-8")
        found = passes(copy, mutant.module, timeout)
        shutil.copy2(ROOT / "daily_papers" / f"{mutant.module}.py", path)
        return found
    finally:
        copies.put(copy)


def measure(modules: Sequence[str], seed: int, size: int) -> str:
    """Tries a sample of the mutants, two at a time, and returns what became of them."""
    everything = [change for module in modules for change in changes(module)]
    drawn = random.Random(seed).sample(everything, min(size, len(everything)))
    sample = [make() for make in drawn]
    copies: SimpleQueue[Path] = SimpleQueue()
    with TemporaryDirectory() as folder, ThreadPoolExecutor(max_workers=2) as pool:
        copy = Path(shutil.copytree(ROOT, Path(folder, "a"), ignore=COPIED))
        timeouts = {}
        for module in modules:
            started = time.monotonic()
            if not passes(copy, module):
                sys.exit(f"The tests of {module} fail without a mutant. Run make test first.")
            timeouts[module] = 5 * (time.monotonic() - started) + 10
        copies.put(copy)
        copies.put(Path(shutil.copytree(copy, Path(folder, "b"))))
        alive = pool.map(lambda m: survives(m, copies, timeouts[m.module]), sample)
        survivors = []
        for number, (mutant, survived) in enumerate(zip(sample, alive, strict=True), start=1):
            if survived:
                survivors.append(mutant)
                sys.stderr.write(f"{number}: {_place(mutant)}: {' → '.join(mutant.change)}\n")
    return _text(len(everything), sample, survivors, seed)


def _text(count: int, sample: Sequence[Mutant], survivors: Sequence[Mutant], seed: int) -> str:
    tried = Counter(mutant.module for mutant in sample)
    left = Counter(mutant.module for mutant in survivors)
    killed = len(sample) - len(survivors)
    named = killed + sum(map(bool, map(_reason, survivors)))
    share = killed / len(sample)
    goal = f"{killed:,} of {len(sample):,} ({share:.1%}), {report.verdict(met=share >= GOAL)}"
    known = f"{named:,} of {len(sample):,} ({named / len(sample):.1%})"
    rows = [
        (f"`{module}`", f"{tried[module]:,}", f"{tried[module] - left[module]:,}")
        for module in sorted(tried)
    ]
    survived = sorted(survivors, key=lambda m: (m.module, m.line))
    return "\n".join(
        [
            f"## Mutants: {len(sample):,} of {count:,}, seed {seed}\n",
            report.table(["", "tried", "killed"], rows),
            f"Goal: {GOAL:.0%} killed: {goal}. Killed, or named with the reason: {known}.\n",
            *map(_survivor, survived),
        ]
    )


def _place(mutant: Mutant) -> str:
    return f"{mutant.module}.py:{mutant.line}"


def _reason(mutant: Mutant) -> str:
    """Returns why a mutant may survive; empty where nobody has found a reason."""
    return next((reason for made, reason in REASONS.items() if made in mutant.change[1]), "")


def _survivor(mutant: Mutant) -> str:
    reason = _reason(mutant)
    change = " → ".join(map(_code, mutant.change))
    return f"- {_place(mutant)}: {change}{f': {reason}' if reason else ''}"


def _code(text: str) -> str:
    return f"`` {text} ``" if text else "nothing"


def main() -> None:
    """Measures, prints, and writes the file of results if all modules are measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", choices=[*MODULES, []], help="all by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sample", type=int, default=400)
    given = parser.parse_args()
    found = measure(given.modules or list(MODULES), given.seed, given.sample)
    sys.stdout.write(f"{found}\n")
    if not given.modules:
        report.write(found, marker="mutants")


if __name__ == "__main__":
    main()
