"""A straightforward script for the same job as a run, as such scripts are usually written.

It asks for each topic, and writes a new README with a table for each. It does not check arXiv's
answers, keeps nothing from day to day, escapes only what breaks a table, and does not wait.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import feedparser
import requests

LIMIT = 100


def query_of(keyword: str) -> str:
    link = "OR" if " " in keyword else "AND"
    return f'ti:"{keyword}" {link} abs:"{keyword}"'


def fetch(url: str, keyword: str) -> list[dict[str, str]]:
    response = requests.get(
        url,
        params={
            "search_query": query_of(keyword),
            "start": "0",
            "max_results": str(LIMIT),
            "sortBy": "lastUpdatedDate",
            "sortOrder": "descending",
        },
        headers={"User-Agent": "script", "Accept": "application/atom+xml"},
        timeout=60,
    )
    response.raise_for_status()
    return [
        {
            "title": " ".join(entry.title.split()),
            "link": entry.link,
            "date": entry.updated.split("T")[0],
            "abstract": " ".join(entry.summary.split()),
            "comment": " ".join(entry.get("arxiv_comment", "").split()),
        }
        for entry in feedparser.parse(response.text).entries
    ]


def fold(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary><p>{text}</p></details>"


def row(paper: dict[str, str]) -> str:
    comment = paper["comment"]
    cells = [
        f"**[{paper['title']}]({paper['link']})**",
        paper["date"],
        fold("Show", paper["abstract"]),
        fold(f"{comment[:5]}...", comment) if len(comment) > 20 else comment,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def title(day: dt.date) -> str:
    return f"# Daily Papers\n\nLast update: {day}\n\n"


def table(keyword: str, papers: Iterable[dict[str, str]]) -> str:
    header = "| **Title** | **Date** | **Abstract** | **Comment** |\n| --- | --- | --- | --- |\n"
    return f"## {keyword}\n{header}{''.join(map(row, papers))}\n"


def main(url: str, folder: Path, keywords: list[str]) -> None:
    page = title(dt.datetime.now(dt.UTC).date())
    for keyword in keywords:
        page += table(keyword, fetch(url, keyword))
    (folder / "README.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(
        os.environ["INPUT_ARXIV-URL"],
        Path(os.environ["GITHUB_WORKSPACE"]),
        sys.argv[1:],
    )
