"""SciTLDR-A: abstracts of machine learning, and one-sentence summaries of them by people.

Cachola, Lo, Cohan and Weld, "TLDR: Extreme Summarization of Scientific Documents" (2020),
https://aclanthology.org/2020.findings-emnlp.428. The data set is at
https://github.com/allenai/scitldr, under the Apache License 2.0. It is not part of this project:
the environment variable `DAILY_PAPERS_SCITLDR` names a folder with its `train`, `dev` and `test`,
each a gzipped file of JSON objects, one per line (`train.jsonl.gz` and so on).
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "DAILY_PAPERS_SCITLDR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An abstract and what people made of it."""

    title: str
    abstract: str
    labeled: str
    """The sentence that the authors of the data set labeled as most like the first summary."""
    summaries: tuple[str, ...]


def folder() -> Path | None:
    """Returns the folder of the data set, or `None` if there is none."""
    return Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None


def documents(folder: Path, part: str) -> Iterator[Document]:
    """Yields the documents of one part: `train`, `dev` or `test`."""
    with gzip.open(folder / f"{part}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            found = json.loads(line)
            yield Document(
                title=found["title"],
                abstract=" ".join(" ".join(found["source"]).split()),
                labeled=found["source"][found["source_labels"].index(1)],
                summaries=tuple(found["target"]),
            )
