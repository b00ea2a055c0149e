"""What the reader likes, from the input to the page, the digest and the file for later steps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from daily_papers.interests import zotero as client
from daily_papers.interests.liked import MAX_LIKED
from tests import hub
from tests.hub import DATA_FILE, README, TOKEN, world_with
from tests.standins.entry import Entry
from tests.standins.git import FileLike, Submodule, Symlink
from tests.standins.github_issues import BOT, SOMEBODY, add_issue
from tests.standins.server import Request, Response, with_status
from tests.standins.zotero import StandInLibrary, ZoteroStandIn
from tests.support import Result, entry, told

KEY = "abcdefghijklmnopqrstuvwx"

TEXTS = {
    "proteins": "We fold proteins from residue contacts, and predict how enzymes bind.",
    "traffic": "We forecast traffic on road networks with loop sensors of highways.",
    "music": "We transcribe piano music, and separate the voices of a choir.",
}
BIB = """\
@article{fold, title = {Folding {Proteins} from Residue Contacts}, year = 2023}
@article{bind, title = {How Enzymes Bind}, abstract = {Residue contacts of enzymes.}}
"""


def about(subject: str, number: int, **changes: Any) -> Entry:
    """Makes a paper on the topic; the higher its number, the newer it is."""
    title = f"Graph Neural Networks for {subject}, Part {number}"
    return entry(number, **{"title": title, "summary": TEXTS[subject], **changes})


LIKED = entry(
    0, arxiv_id="2401.01234", title="Folding Proteins", summary=TEXTS["proteins"], comment=None
)


@dataclass
class World(hub.World):
    """The same, with a library of Zotero's."""

    library: StandInLibrary = field(default_factory=StandInLibrary)

    def day(self, *subjects: str, **inputs: str) -> Result:
        """Lets a day pass, on which arXiv gets papers on some subjects, and runs the action."""
        self.clock.moment += timedelta(days=1)
        count = len(self.arxiv.entries)
        self.arxiv.add(about(one, 20 + count + n) for n, one in enumerate(subjects))
        self.arxiv.requests.clear()
        result = self.run(**inputs)
        assert result.exit_code == 0, result.log
        return result

    def push(self, files: Mapping[str, FileLike]) -> None:
        self.github.repository.push(files, "Their own")

    @property
    def picks(self) -> list[str]:
        """The rows of the picks; empty without any."""
        found = re.search(r"(?s)\n## Picks\n(.*?)\n## ", self.read())
        assert found, "there are no picks"
        return [line for line in found[1].splitlines() if line.startswith("| **[")]

    @property
    def digest(self) -> str:
        """The body of the last issue."""
        *_, issue = self.github.hub.issues.values()
        return str(issue["body"])

    @property
    def remembered(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.read(DATA_FILE))
        return document

    def new_papers(self) -> dict[str, dict[str, Any]]:
        """The file for later steps, by title."""
        file = self.folder / "workspace" / ".daily-papers" / "new-papers.json"
        return {paper["title"]: paper for paper in json.loads(file.read_text(encoding="utf-8"))}

    def tick(self, subject: str, *, mark: str = "x") -> None:
        """Ticks the first paper on a subject in the last issue."""
        *_, issue = self.github.hub.issues.values()
        other = " " if mark == "x" else "x"
        before = issue["body"]
        pattern = rf"- \[{other}\] (?=\*\*\[Graph Neural Networks for {subject})"
        issue["body"] = re.sub(pattern, f"- [{mark}] ", before, count=1)
        assert issue["body"] != before

    def titles(self, rows: str) -> list[str]:
        """The subjects of the papers in a text, in order."""
        return re.findall(r"Graph Neural Networks for (\w+)", rows)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_with(tmp_path, {"README.md": README, "references.bib": BIB}) as plain:
        plain.arxiv.add([LIKED])
        yield World(plain.arxiv, plain.github, tmp_path)


@pytest.fixture
def zotero(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoteroStandIn]:
    with ZoteroStandIn({("users", 12345): world.library}) as standin:
        monkeypatch.setattr(client, "URL", standin.address)
        yield standin


def warnings(result: Result) -> list[str]:
    return re.findall(r"(?m)^::warning::(.*)$", result.log)


# --- The ways to say it


def test_a_named_paper_brings_similar_ones_to_the_top(world: World) -> None:
    first = world.day(interests="2401.01234")
    assert "1 paper is liked" in first.log
    result = world.day("proteins", "traffic", "music", interests="https://arxiv.org/abs/2401.01234")
    assert world.titles("".join(world.picks)) == ["proteins"]
    assert re.search(r"<br>\*because: [a-z, ]+\*", world.picks[0])
    # The topic's own table is as people know it: newest first.
    table = world.read().split("## Graph Neural Networks\n")[1]
    assert world.titles(table)[:3] == ["music", "traffic", "proteins"]
    digest = world.digest
    assert world.titles(digest)[0] == "proteins"
    assert digest.index("## Best matches") < digest.index("because: ") < digest.index("## Graph")
    assert len(told(digest).ids) == 3
    assert digest.count("\n- [ ] ") == 3
    papers = world.new_papers()
    scores = {title.split()[4].strip(","): paper["match"] for title, paper in papers.items()}
    assert scores["proteins"] > 0.1 > max(scores["traffic"], scores["music"])
    assert [bool(paper["because"]) for paper in papers.values()].count(True) == 1
    assert result.outputs["new-papers"] == "3"
    # Asked once, and remembered.
    assert [record["id"] for record in world.remembered["liked"]] == ["2401.01234"]
    assert not any("id_list" in request.query for request in world.arxiv.requests)


def test_a_bib_file_of_the_repository(world: World) -> None:
    world.day(interests="references.bib")
    world.day("traffic", "proteins", interests="references.bib")
    assert world.titles("".join(world.picks)) == ["proteins"]
    assert world.remembered["liked"] == []  # The repository has the file.


def test_a_bib_file_of_the_workspace(world: World) -> None:
    (world.folder / "workspace" / "references.bib").write_text(BIB)
    world.day(interests="references.bib", publish="local", github_token="")
    world.day("traffic", "proteins", interests="references.bib", publish="local", github_token="")
    page = (world.folder / "workspace" / "README.md").read_text()
    assert world.titles(page.split("## Picks")[1])[0] == "proteins"


def test_a_zotero_library(world: World, zotero: ZoteroStandIn) -> None:
    world.library.add("Folding Proteins", abstractNote=TEXTS["proteins"])
    inputs = {"interests": "zotero:users/12345"}
    world.day(**inputs)
    world.day("traffic", "proteins", **inputs)
    assert world.titles("".join(world.picks)) == ["proteins"]
    world.library.add("Sensors of Highways", abstractNote=TEXTS["traffic"])
    world.day("music", **inputs)
    assert sorted(world.titles("".join(world.picks))) == ["proteins", "traffic"]
    assert len(zotero.requests) == 2 + 1 + 2  # keys and items, not modified, keys and one item


def test_the_key_of_a_library_is_sent_only_to_zotero(world: World, zotero: ZoteroStandIn) -> None:
    world.library.is_public, world.library.keys = False, {KEY}
    world.library.add("Folding Proteins", abstractNote=f"{TEXTS['proteins']} {KEY}")
    result = world.day(interests="zotero:users/12345", zotero_key=KEY)
    assert warnings(result) == []
    assert f"::add-mask::{KEY}" in result.log
    assert result.log.count(KEY) == 1
    assert {request.headers["zotero-api-key"] for request in zotero.requests} == {KEY}
    for request in [*world.arxiv.requests, *world.github.requests]:
        assert KEY not in str(request.headers)
    refused = world.day(interests="zotero:users/12345")
    assert "interests, line 1: zotero:users/12345 is private" in warnings(refused)[0]


# --- Ticks


@pytest.mark.parametrize("inputs", [{"notify": "none"}, {"publish": "pull-request"}])
def test_nobody_is_told_to_tick_where_there_are_no_issues(
    world: World, inputs: dict[str, str]
) -> None:
    result = world.day(interests="ticks", **inputs)
    assert "Nothing is liked yet: name papers in interests; without issues" in result.log
    assert "Nothing is liked yet: tick papers" in world.day(interests="ticks").log


def test_a_tick_changes_the_next_order_and_an_untick_reverts_it(world: World) -> None:
    inputs = {"interests": "ticks"}
    first = world.day(**inputs)
    assert "Nothing is liked yet" in first.log
    assert "## Picks" not in world.read()
    world.day("proteins", "traffic", **inputs)
    assert world.titles(world.digest) == ["traffic", "proteins"]
    world.tick("proteins")
    world.day("proteins", "music", **inputs)
    assert world.titles(world.digest) == ["proteins", "music"]
    assert "## Best matches" in world.digest
    assert world.titles("".join(world.picks))[0] == "proteins"
    assert "Part 26" not in "".join(world.picks)  # What is ticked is known.
    assert world.remembered["ticked"] == ["2509.00026"]
    issues = list(world.github.hub.issues.values())
    issues[-2]["body"] = issues[-2]["body"].replace("- [x]", "- [ ]")
    world.day("proteins", "music", **inputs)
    assert world.remembered["ticked"] == []
    assert world.titles(world.digest) == ["music", "proteins"]


def test_a_tick_needs_no_request_to_arxiv(world: World) -> None:
    world.day(interests="ticks")
    world.day("proteins", interests="ticks")
    world.tick("proteins")
    world.day("music", interests="ticks")
    assert not any("id_list" in request.query for request in world.arxiv.requests)
    assert [record["id"] for record in world.remembered["liked"]] == ["2509.00026"]


@pytest.mark.parametrize("user, counts", [(SOMEBODY, False), (BOT, True)])
def test_only_ticks_in_our_own_issues_count(
    world: World, user: dict[str, Any], *, counts: bool
) -> None:
    world.day(interests="ticks")
    world.day("proteins", interests="ticks")
    quoted = world.digest.replace("- [ ]", "- [x]")
    add_issue(world.github.hub, "Yours", quoted, labels=["daily-papers"], user=user)
    world.day("music", interests="ticks")
    assert bool(world.remembered["ticked"]) is counts


def test_without_interests_there_are_no_boxes_and_nothing_is_remembered(world: World) -> None:
    world.day()
    world.day("proteins")
    assert "- [ ]" not in world.digest
    assert "liked" not in world.remembered
    assert "match" not in next(iter(world.new_papers().values()))


def test_removed_interests_leave_no_traces(world: World) -> None:
    world.day(interests="2401.01234")
    before = world.read()
    assert "## Picks" in before
    world.day()
    assert "## Picks" not in world.read()
    assert "liked" not in world.remembered


# --- A day without news


def test_a_day_without_new_papers_changes_no_byte(world: World, zotero: ZoteroStandIn) -> None:
    inputs = {"interests": "2401.01234\nreferences.bib\nzotero:users/12345", "site": "docs"}
    world.library.add("Folding Proteins", abstractNote=TEXTS["proteins"])
    world.day(**inputs)
    world.day("proteins", "traffic", **inputs)
    commits = world.commits
    world.tick("traffic")
    world.library.add("Sensors of Highways", abstractNote=TEXTS["traffic"])
    for _ in range(10):
        assert world.day(**inputs).outputs["changed"] == "false"
    zotero.faults.extend([with_status(503, "later")] * 3)
    result = world.day(**inputs)
    assert result.outputs["changed"] == "false"
    assert world.commits == commits
    assert "interests, line 3: Zotero answered with status 503" in warnings(result)[0]
    # With the next news all of it counts.
    world.day("music", **inputs)
    assert world.remembered["ticked"] == ["2509.00027"]
    assert len(world.remembered["liked"]) == 1 + 1 + 2


def test_changed_inputs_count_at_once(world: World) -> None:
    world.day()
    world.day("proteins", "traffic")
    world.day(interests="2401.01234")
    assert world.titles("".join(world.picks)) == ["proteins"]
    world.push({"references.bib": "@misc{a, title = {Traffic on Road Networks, with Sensors}}"})
    world.day(interests="2401.01234\nreferences.bib")
    assert sorted(world.titles("".join(world.picks))) == ["proteins", "traffic"]


def test_an_ordinary_day_costs_a_request_for_each_file_and_library(
    world: World, zotero: ZoteroStandIn
) -> None:
    inputs = {"interests": "2401.01234\nreferences.bib\nzotero:users/12345"}
    world.library.add("Folding Proteins")
    world.day()
    world.day()
    plain, arxiv = len(world.asked), len(world.arxiv.requests)
    world.day(**inputs)
    zotero.requests.clear()
    world.day(**inputs)
    assert len(world.asked) == plain + 1
    assert len(world.arxiv.requests) == arxiv
    assert len(zotero.requests) == 1


# --- What cannot be read


@pytest.mark.parametrize(
    "line, words",
    [
        ("2401.9", "interests, line 2: '2401.9' is not an arXiv id, and is skipped"),
        ("2401.99999", "interests, line 2: arXiv has no paper 2401.99999; it is skipped"),
        ("2402.00001", "interests, line 2: 2402.00001v2 has been withdrawn; it is skipped"),
        ("mine.bib", "interests, line 2: there is no file mine.bib in the repository"),
        ("binary.bib", "interests, line 2: binary.bib is not a text file"),
        ("empty.bib", "interests, line 2: empty.bib has no papers"),
        ("broken.bib", "interests, line 2: broken.bib, line 2 (b): a brace"),
        ("long.bib", "interests, line 2: long.bib has 10,000 papers; the newest 1,000 count"),
        ("link.bib", "interests, line 2: link.bib is a symbolic link"),
        ("folder.bib", "interests, line 2: folder.bib is a directory"),
        ("module.bib", "interests, line 2: module.bib is a submodule"),
        ("pointer.bib", "interests, line 2: pointer.bib is kept in Git LFS"),
        ("zotero:users/9", "interests, line 2: Zotero has no zotero:users/9"),
        ("zotero:groups/1", "interests, line 2: zotero:groups/1 is private"),
        ("zotero:groups/2", "interests, line 2: zotero:groups/2 has no papers yet"),
        ("zotero:groups/3", "interests, line 2: zotero:groups/3 has 1,500 papers; the newest 999"),
    ],
)
def test_a_source_that_cannot_be_read_is_reported_and_the_rest_counts(
    world: World, zotero: ZoteroStandIn, line: str, words: str
) -> None:
    withdrawn = entry(1, arxiv_id="2402.00001", title="Gone")
    world.arxiv.add([withdrawn])
    world.arxiv.withdraw("2402.00001", updated=withdrawn.updated + timedelta(days=1))
    huge = StandInLibrary()
    for number in range(1_500):
        huge.add(f"Sonata {number}")
    zotero.libraries |= {
        ("groups", 1): StandInLibrary(is_public=False),
        ("groups", 2): StandInLibrary(),
        ("groups", 3): huge,
    }
    world.push(
        {
            "binary.bib": bytes(range(256)) * 9,
            "empty.bib": b"",
            "broken.bib": "@misc{a, title = {Sonata}}\n@misc{b, title = {Open\n@misc{c, title={X}}",
            "long.bib": "".join(f"@misc{{k{n}, title = {{Sonata {n}}}}}\n" for n in range(10_000)),
            "link.bib": Symlink("../references.bib"),
            "folder.bib/a.md": b"a",
            "module.bib": Submodule(world.commits[0]),
            "pointer.bib": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        }
    )
    inputs = {"interests": f"2401.01234\n{line}"}
    for result in (world.day(**inputs), world.day("proteins", "traffic", **inputs)):
        (warning,) = warnings(result)
        assert words in warning
    assert world.titles("".join(world.picks)) == ["proteins"]
    assert len(world.remembered["liked"]) <= MAX_LIKED
    assert world.day(**inputs).outputs["changed"] == "false"


@pytest.mark.parametrize(
    "text, words",
    [
        ("Graphs", "line 1: expected an arXiv id or address"),
        ("2401.01234\n../x.bib", "line 2: expected a path inside the repository"),
        ("zotero:me", "line 1: expected zotero:users/NUMBER"),
    ],
)
def test_a_line_that_cannot_be_understood_is_an_error(world: World, text: str, words: str) -> None:
    result = world.run(interests=text)
    assert result.exit_code == 2
    assert f"interests: {words}" in result.log
    assert world.github.requests == world.arxiv.requests == []


def test_likes_wait_while_arxiv_does_not_answer(world: World) -> None:
    world.day()

    def refuse(request: Request, response: Response) -> Response:
        is_by_id = "id_list" in request.query
        return with_status(503, "later")(request, response) if is_by_id else response

    world.arxiv.faults.extend([refuse] * 5)
    result = world.day(interests="2401.01234")
    assert "The text of a liked paper could not be read now" in warnings(result)[0]
    world.arxiv.faults.clear()
    world.day("proteins", interests="2401.01234")
    assert world.titles("".join(world.picks)) == ["proteins"]


# --- Strangers

HOSTILE = "<script>x</script> | [a](javascript:x) <!-- daily-papers:end --> `b` @you #1 ::error::"


@pytest.mark.usefixtures("zotero")
def test_hostile_text_of_liked_papers_reaches_no_page(world: World) -> None:
    proteins = TEXTS["proteins"]
    world.push(
        {
            "references.bib": (
                f"@misc{{a, title = {{{HOSTILE}}}, abstract = {{{proteins} {HOSTILE}}}}}\n"
                f"@misc{{b, title = {{\x01\x1b[31m}}, eprint = {{2401.01234}}}}\n"
            )
        }
    )
    world.library.add(
        f"\x00\ud800{HOSTILE}", abstractNote=f"\u2028{proteins}\x08", DOI="\x00\n10.1"
    )
    inputs = {"interests": "references.bib\nzotero:users/12345", "site": "docs"}
    world.day(**inputs)
    result = world.day("proteins", **inputs)
    assert warnings(result) == []
    assert world.titles("".join(world.picks)) == ["proteins"]
    for path in world.github.repository.paths("main"):
        if path not in {DATA_FILE, "references.bib"}:
            assert b"javascript:x" not in (world.github.repository.read("main", path) or b"")
    assert "javascript" not in world.digest + result.log
    # What is remembered is believed again.
    assert world.day(**inputs).outputs["changed"] == "false"


def test_the_words_of_a_hostile_paper_are_not_markup(world: World) -> None:
    world.day(interests="2401.01234")
    title = f"Graph Neural Networks for proteins *fold* <b>_residue_ contacts</b> {HOSTILE}"
    world.clock.moment += timedelta(days=1)
    world.arxiv.add([about("proteins", 30, title=title, summary=f"{TEXTS['proteins']} {HOSTILE}")])
    world.run(interests="2401.01234")
    (row,) = world.picks
    assert len(re.findall(r"(?<!\\)\|", row)) == 5
    assert "<script>" not in row
    assert "<b>" not in row


def test_a_list_has_picks_as_well(world: World) -> None:
    world.day(interests="2401.01234", layout="list")
    world.day("proteins", "traffic", interests="2401.01234", layout="list")
    picks = world.read().split("## Picks\n")[1].split("\n## ")[0]
    assert world.titles(picks) == ["proteins"]
    assert "<br>*because: " in picks


def test_the_web_page_can_be_sorted_by_match(world: World) -> None:
    inputs = {"interests": "2401.01234", "site": "docs"}
    world.day(**inputs)
    world.day("proteins", "traffic", **inputs)
    page = html.document_fromstring(world.read("docs/index.html"))
    (card,) = page.xpath("//article[.//*[contains(., 'for proteins')]]")
    assert 0.1 < float(card.get("data-match")) <= 1
    assert "contacts" in card.text_content().split("ecause")[1]


def test_the_number_of_picks_can_be_set(world: World) -> None:
    world.day(interests="2401.01234", picks="2")
    world.day(*["proteins"] * 5, interests="2401.01234", picks="2")
    assert len(world.picks) == 2


def test_picks_are_from_the_last_seven_days(world: World) -> None:
    world.day(interests="2401.01234")
    world.day("proteins", interests="2401.01234")
    for _ in range(6):
        world.day("music", interests="2401.01234")
        assert world.titles("".join(world.picks)) == ["proteins"]
    world.day("music", interests="2401.01234")
    assert world.picks == []
    assert "*No paper of the last seven days matches the interests.*" in world.read()


def test_a_first_run_picks_recently_submitted_papers(world: World) -> None:
    recent = world.clock.moment - timedelta(days=2)
    world.arxiv.add([about("proteins", 40, published=recent, updated=recent)])
    world.run(interests="2401.01234")
    assert world.titles("".join(world.picks)) == ["proteins"]


def test_interests_never_use_the_github_token(world: World, zotero: ZoteroStandIn) -> None:
    world.library.add("Folding Proteins")
    world.day(interests="zotero:users/12345", zotero_key="")
    assert all(TOKEN not in str(request.headers) for request in zotero.requests)
