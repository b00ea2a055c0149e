"""Which papers are withdrawn, in the words of real comments and of some that only sound like it."""

from __future__ import annotations

import gzip
import json
import os
import time
from datetime import UTC, datetime

import pytest

from daily_papers import withdrawal
from tests.support import paper

REAL_PAPERS = os.environ.get("DAILY_PAPERS_REAL_PAPERS")

WITHDRAWN = [
    "This paper has been withdrawn by the author(s) due to a crucial error in Lemma 3",
    "This paper has been withdraw due to an improvement on the results",
    "The paper has been withdrawn. We need to fix an error",
    "This paper was withdrawn by the author for revision of Theorem 3.1",
    "The paper is withdrawn because slightly better results were meanwhile given elsewhere",
    "This submission has been withdrawn by arXiv administrators",
    "arXiv admin note: This submission has been withdrawn by arXiv administrators",
    "arXiv admin note: submission has been withdrawn by arXiv administrators",
    "Administratively withdrawn: duplicate of 1105.0983",
    "This paper has been withdrawn from arXiv",
    "This entry is being withdrawn in favor of the more comprehensive one",
    "The paper will be withdrawn to fix some issues",
    "This manuscript has been temporarily withdrawn",
    "This version has been withdrawn",
    "40 pages, 1 figure, This paper has been withdrawn by the author due to a gap",
    "31 pages, 1 figure Paper withdrawn. This is an old obsolete version of the article",
    "Manuscript submitted to Monthly Weather Review. Withdrawn due to publisher's posting policy",
    "Withdrawn",
    "Withdrawn.",
    "Withdrawn from arXiv by the authors",
    "WITHDRAWN BY AUTHOR",
    "(withdrawn)",
    "[Withdrawn] see arXiv:1234.5678",
    "withdrawn. Full text available from the publisher",
    "withdrawn for revision",
    "Withdrawn; superseded by arXiv:2101.00001",
    "Withdrawn by author due to copyright transfer. For final version, see author's webpage",
    "paper withdrawn",
    "Manuscript withdrawn by authors",
    "12 pages, withdrawn by the author",
    "Author withdrew",
    "The authors have withdrawn this paper",
    "We found some errors, and therefore request to withdraw the manuscript",
    "I am requesting the withdrawal of my paper due to errors",
    "The authors request withdrawal to avoid confusion with ongoing work",
    "We therefore wish to withdraw the paper for now",
    "I'm withdrawing the manuscript until I figure out if I can fix it",
    "So we think it will be responsible to withdraw it",
    "One of the coauthors insists to withdraw the submission",
]

NOT_WITHDRAWN = [
    "",
    "12 pages, 3 figures",
    "Withdrawn from ICLR 2024 submission",
    "withdrawn from the IJCAI proceedings",
    "Accepted at IJCAI 2019, but withdrawn from the proceedings",
    "This paper was withdrawn from the IJCAI proceedings",
    "The paper has been withdrawn by the authors from ICML 2020",
    "We withdrew the paper from ICML and submitted it to NeurIPS",
    "Submitted to NeurIPS 2022, withdrawn",
    "Accepted to AAAI 2021 (withdrawn)",
    "ICLR 2023 withdrawn submission",
    "Our ICLR submission was withdrawn",
    "We have withdrawn our submission to ICLR",
    "Withdrawn at NeurIPS 2021",
    "This paper was accepted to IJCAI 2021 but has been withdrawn by the authors",
    "This paper replaces arXiv:2001.00001, which has been withdrawn",
    "Extends the withdrawn paper arXiv:2001.00001",
    "Supersedes the withdrawn arXiv:1234.5678",
    "Replaces the withdrawn version 1",
    "Previous version withdrawn from a conference",
    "An earlier version of this paper was withdrawn",
    "A companion paper has been withdrawn",
    "This paper presents improvements on 1201.1219. Consequently those papers have been withdraw",
    "The main change is in Theorem 5.5: the second assertion has been withdrawn due to a gap",
    "It contains some results that have been withdrawn from our previous preprint arXiv:1212.0626",
    "We withdraw the claim of Theorem 3",
    "Section 5 of this paper is withdrawn",
    "On withdrawn bank deposits",
]


@pytest.mark.parametrize("comment", WITHDRAWN)
def test_a_comment_that_withdraws_its_own_paper(comment: str) -> None:
    withdrawn = paper(version=2, comment=comment)
    assert withdrawn.is_withdrawn
    assert not withdrawn.has_pdf
    assert not withdrawn.has_html


@pytest.mark.parametrize("comment", NOT_WITHDRAWN)
def test_a_comment_on_something_else(comment: str) -> None:
    shown = paper(version=2, comment=comment)
    assert not shown.is_withdrawn
    assert shown.has_pdf
    assert shown.has_html


def test_a_first_version_withdraws_nothing() -> None:
    assert not paper(version=1, comment="This paper has been withdrawn.").is_withdrawn
    assert not paper(version=1, summary="This paper has been withdrawn.").is_withdrawn


@pytest.mark.parametrize(
    "summary,expected",
    [
        ("This paper has been withdrawn by the author due to an error in the proof.", True),
        ("Withdrawn by author due to copyright transfer.", True),
        ("This paper has been withdrawn from the conference. We study graphs.", False),
        ("We study graphs. This paper has been withdrawn.", False),
        ("Withdrawal symptoms are studied.", False),
    ],
)
def test_an_abstract_that_gave_way_to_a_notice(summary: str, *, expected: bool) -> None:
    shown = paper(version=3, comment=None, summary=summary)
    assert shown.is_withdrawn is expected


def test_html_is_as_old_as_arxivs_own_converter() -> None:
    before = datetime(2023, 11, 30, 23, 59, tzinfo=UTC)
    assert not paper(published=before, updated=before).has_html
    assert paper(published=before, updated=datetime(2023, 12, 1, tzinfo=UTC), version=2).has_html


@pytest.mark.parametrize(
    "piece",
    ["withdrawn ", "this paper ", "withdraw", "request ", ". withdrawn by the ", "author ", "aly "],
)
def test_long_comments_take_no_long_time(piece: str) -> None:
    """A quadratic search would take minutes."""
    comment = "withdrawn?" + piece * (500_000 // len(piece))
    begun = time.process_time()
    withdrawal.is_told_by(comment)
    withdrawal.begins(comment)
    assert time.process_time() - begun < 2


@pytest.mark.skipif(not REAL_PAPERS, reason="DAILY_PAPERS_REAL_PAPERS names no file")
def test_few_real_comments_that_speak_of_withdrawal_are_about_something_else() -> None:
    spoken, told = 0, 0
    with gzip.open(str(REAL_PAPERS), "rt", encoding="utf-8") as lines:
        for line in lines:
            comment = " ".join((json.loads(line).get("comment") or "").split())
            spoken += "withdr" in comment.lower()
            told += withdrawal.is_told_by(comment)
    assert told <= spoken <= told + max(2, spoken // 10)
