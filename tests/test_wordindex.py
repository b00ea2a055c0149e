"""The word index: it has every word of every paper, and grows a month at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from string import ascii_uppercase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daily_papers.memory.archive import Archive, Month, Volume
from daily_papers.views import wordindex
from daily_papers.views.signature import is_signed
from daily_papers.views.wordindex import PAGE, extended


def month_of(records: list[Any]) -> bytes:
    lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    return f'{{"format":1,"papers":[\n{lines}\n]}}\n'.encode()


def places(volume: Volume, content: bytes, word: str) -> dict[str, set[int]]:
    """Returns the pages of a word by month, as docs/archive.md says that they are found."""
    first = max(n for n, begin in enumerate(volume.pages) if begin <= word)
    begins = [0, *(found.end() for found in re.finditer(rb"\n", content))]
    lines = [
        content[begin : content.index(b"\n", begin)].decode()
        for begin in begins[:-1]
        if begin // PAGE == first
    ]
    found: dict[str, set[int]] = {}
    for line in lines:
        if not line.startswith(f"{word} "):
            continue
        for letter, gaps in re.findall(r"([A-Z])([^A-Z]*)", line.partition(" ")[2]):
            name = [*volume.months][ascii_uppercase.index(letter)]
            pages, after = set(), 0
            for times, rest in re.findall(r"(\d*)([a-z])", gaps):
                page = after + 26 * int(times or 0) + ord(rest) - ord("a")
                pages.add(page)
                after = page + 1
            found[name] = pages or set(range(volume.months[name] // PAGE + 1))
    return found


def pages_of(data: bytes, word: str) -> set[int]:
    begin, found = 0, set()
    for line in data.splitlines(keepends=True):
        if word.encode() in re.findall(rb"[a-z0-9]+", line.lower()):
            found.add(begin // PAGE)
        begin += len(line)
    return found


WORDS = [f"{a}{b}" for a in ("graph", "graphon", "the", "x", "0", "zeta", "y" * 40) for b in "ab1"]
RECORDS = st.lists(
    st.builds(
        lambda words, size: {"title": " ".join(words), "abstract": "." * size},
        st.lists(st.sampled_from(WORDS), max_size=6),
        st.sampled_from([0, 10, 1000, 5000, 20_000]),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([f"2025-0{n}" for n in range(1, 8)]), RECORDS, max_size=7))
def test_a_word_is_found_in_the_pages_that_have_it(months: dict[str, list[Any]]) -> None:
    files = {name: month_of(records) for name, records in months.items()}
    volumes, made = extended((), None, files, marker="m")
    assert [name for volume in volumes for name in volume.months] == [*files]
    for volume in volumes:
        content = made[volume.name]
        assert volume.size == len(content)
        assert is_signed(content, "m")
        words = [line.partition(" ")[0] for line in content.decode().splitlines()[1:]]
        assert words == sorted(set(words))
        assert len(volume.pages) == (content.rfind(b"\n", 0, -1) + 1) // PAGE + 1
        for word in WORDS:
            found = places(volume, content, word[: wordindex.LONGEST])
            for name in volume.months:
                assert found.get(name, set()) >= pages_of(files[name], word)
                assert name not in found or len(word) > 40 or pages_of(files[name], word)


def test_a_month_added_alone_is_as_if_all_were_added_at_once() -> None:
    files = {
        f"2025-{n:02}": month_of([{"title": f"paper {n} word{n % 3}"}] * 90) for n in range(1, 9)
    }
    volumes: tuple[Volume, ...] = ()
    disk: dict[str, bytes] = {}
    for name, data in files.items():
        content = disk[volumes[-1].name] if volumes else None
        volumes, changed = extended(volumes, content, {name: data}, marker="m")
        disk |= changed
    assert extended((), None, files, marker="m") == (volumes, disk)
    assert [volume.name for volume in volumes] == ["words-1.txt"]


def test_a_volume_that_is_full_is_never_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordindex, "ROOM", 5000)
    volumes: tuple[Volume, ...] = ()
    disk: dict[str, bytes] = {}
    for number in range(1, 10):
        data = month_of([{"title": f"w{number}x{place}"} for place in range(200)])
        has_room = volumes and wordindex.has_room(volumes[-1])
        content = disk[volumes[-1].name] if has_room else None
        before = dict(disk)
        volumes, changed = extended(volumes, content, {f"2025-0{number}": data}, marker="m")
        assert [*changed] == [volumes[-1].name]
        disk |= changed
        assert {
            name: disk[name] for name in before.keys() - changed.keys()
        }.items() <= before.items()
    assert [*disk] == [volume.name for volume in volumes]
    assert len(disk) == 3


def test_a_volume_has_no_more_months_than_letters() -> None:
    months = {f"{2000 + n}-01": month_of([{"title": "word"}]) for n in range(60)}
    volumes, _ = extended((), None, months, marker="m")
    assert [len(volume.months) for volume in volumes] == [26, 26, 8]


def test_a_damaged_volume_is_left_out_and_made_again() -> None:
    data = month_of([{"title": "word"}])
    volumes, _ = extended((), None, {"2025-01": data, "2025-02": data}, marker="m")
    archive = Archive(
        month="2025-03",
        months=dict.fromkeys(("2025-01", "2025-02"), Month(papers=1, topics={})),
        volumes=volumes,
    )
    assert wordindex.missing(archive) == ["2025-03"]
    again, made = extended(volumes, None, {"2025-03": data}, marker="m")
    assert [(one.name, [*one.months]) for one in again] == [("words-2.txt", ["2025-03"])]
    months = {**archive.months, "2025-03": Month(papers=1, topics={})}
    later = Archive(month="2025-04", months=months, volumes=again)
    assert wordindex.missing(later) == ["2025-01", "2025-02", "2025-04"]
    final, _ = extended(
        again,
        made["words-2.txt"],
        dict.fromkeys(wordindex.missing(later), data),
        marker="m",
    )
    assert [*final[0].months] == ["2025-03", "2025-01", "2025-02", "2025-04"]


def test_a_month_that_is_lost_is_not_looked_for_again() -> None:
    volumes, _ = extended((), None, {"2025-01": None}, marker="m")
    assert volumes[0].months == {"2025-01": 0}


def test_few_months_are_added_at_once() -> None:
    months = {f"{2000 + n}-01": Month(papers=1, topics={}) for n in range(40)}
    assert wordindex.missing(Archive(month="2040-01", months=months)) == [
        f"{year}-01" for year in range(2029, 2041)
    ]


@pytest.mark.parametrize(
    "record,words",
    [
        ({"title": "Łódź ﬁne Straße ÆON İstanbul 𝐋𝐨𝐫𝐚"}, "lodz fine strasse aeon istanbul lora"),
        ({"abstract": ["H", {"tex": "_2"}, "O and a ", {"text": "link", "url": "u"}, "s"]}, None),
        ({"authors": ["Zoë O'Neil"], "categories": ["cs.LG"]}, "zoe o neil cs lg"),
        ({"id": "2501.00001", "topics": ["A-B"]}, "2501 00001 a b"),
        ({"comment": "αβγ 数据x", "journal": "Nature 1"}, "x nature 1"),
        ({"doi": "10.1/abc", "key": "sentence", "title": 5, "authors": 7, "topics": [None]}, ""),
        ({"title": {"tex": None, "text": "plain"}, "abstract": [None, 5, {}]}, ""),
        ("title", ""),
        (None, ""),
    ],
)
def test_the_words_of_a_paper_are_those_that_the_page_searches(
    record: Any, words: str | None
) -> None:
    found = wordindex.words(json.dumps(record, ensure_ascii=False).encode())
    assert found == set(("h 2o and a links" if words is None else words).split())


@pytest.mark.parametrize("line", [b"", b"]}", b"\xff", b"[" * 100_000, b'{"format":1,"papers":['])
def test_a_line_that_is_no_paper_has_no_words(line: bytes) -> None:
    assert wordindex.words(line) == set()


def test_a_long_line_is_read_in_linear_time() -> None:
    texts: Mapping[str, str] = {"title": "aé" * 200_000, "abstract": "x " * 400_000}
    assert len(wordindex.words(json.dumps(texts).encode())) == 2
