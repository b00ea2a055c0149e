"""What disturbs people on GitHub, and what only looks like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from tests.standins.calm import (
    Disturbance,
    DisturbanceError,
    disturbances,
    disturbances_in_words,
)
from tests.standins.github import GitHubStandIn

if TYPE_CHECKING:
    from pathlib import Path

SHA = "a5c3785ed8d6a35868bc169f07e40e889087fd2e"
THREAD = "https://github.com/octo/papers/issues/1"
ZERO_WIDTH_JOINER = "\u200d"
FULL_WIDTH_AT, FULL_WIDTH_NUMBER_SIGN, FULL_WIDTH_ONE = "\uff20", "\uff03", "\uff11"


def kinds(markdown: str) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in disturbances(markdown)]


def in_words(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in disturbances_in_words(text)]


# Mentions


@pytest.mark.parametrize(
    "markdown",
    [
        "@name",
        "Thanks, @name!",
        "(@name)",
        "@name's",
        "@name...",
        "see .@name",
        "@@name",
        "-@name-",
        "é@name",
        f"x{ZERO_WIDTH_JOINER}@name",
        "@name, @name",
        "@1",
        "pass @1",
        r"\@name",
        "&#64;name",
        "&#x40;name",
        "&commat;name",
        "@&#110;ame",
        "*@name*",
        "**a**@name",
        "`code`@name",
        "[a](https://example.org)@name",
        "~~@name~~",
        "# @name",
        "- [ ] @name",
        "> @name",
        "| a |\n| - |\n| @name |",
        "<details><summary>@name</summary><p>x</p></details>",
        "<details>\n\n@name\n\n</details>",
        "<div>@name</div>",
        "<span>@name</span>",
        "@<!-- nothing -->name",
        "@<unknown>name</unknown>",
        "<unknown>@</unknown>name",
        "<textarea>@name",
        "Note[^1]\n\n[^1]: @name",
        "$@name$",
        "@name\ufe0f",
        "\x01@name",
    ],
)
def test_is_a_mention(markdown: str) -> None:
    assert {kind for kind, _ in kinds(markdown)} == {"mention"}


@pytest.mark.parametrize(
    "markdown",
    [
        "name@example.org",
        "<name@example.org>",
        "mailto:name@example.org",
        "pass@1",
        "pass@k, recall@10",
        "@",
        "@ name",
        "@-name",
        "@élan",
        "@name.org",
        "@name/",
        f"{FULL_WIDTH_AT}name",
        f"@{ZERO_WIDTH_JOINER}name",
        "@\u200bname",
        "@*name*",
        "@**name**",
        "@<span></span>name",
        "<span>@</span>name",
        "@<wbr>name",
        "`@name`",
        "    @name",
        "```\n@name\n```",
        "<pre>@name</pre>",
        "<code>@name</code>",
        "$`@name`$",
        "[@name](https://example.org)",
        "[by *@name*](https://example.org)",
        "https://example.org/@name",
        "![@name](https://example.org/picture.png)",
        "<!-- @name -->",
        '<p title="@name">x</p>',
    ],
)
def test_is_no_mention(markdown: str) -> None:
    assert kinds(markdown) == []


def test_mentions_teams() -> None:
    assert kinds("@octo/readers, @octo/all.") == [
        ("mention", "@octo/readers"),
        ("mention", "@octo/all"),
    ]


def test_sees_every_one_of_two_names_that_stand_together() -> None:
    assert kinds("@one/@two") == [("mention", "@two")]
    assert kinds("@one @two") == [("mention", "@one"), ("mention", "@two")]


# References


@pytest.mark.parametrize(
    "markdown, text",
    [
        ("#12", "#12"),
        ("(#12)", "#12"),
        ("##12", "#12"),
        ("# #12", "#12"),
        ("#007", "#007"),
        (r"\#12", "#12"),
        ("&#35;12", "#12"),
        ("#&#49;2", "#12"),
        ("*#12*", "#12"),
        ("<em>C</em>#12", "#12"),
        ("#12é", "#12"),
        ("| a |\n| - |\n| #12 |", "#12"),
        ("GH-12", "GH-12"),
        ("gh-12", "gh-12"),
        ("éGH-12", "GH-12"),
        ("octo/papers#12", "octo/papers#12"),
        ("octo/the.papers_2#12", "octo/the.papers_2#12"),
        ("see /octo/papers#12", "octo/papers#12"),
        ("octo#12", "octo#12"),  # the issue in somebody's fork
        (f"octo/papers@{SHA}", f"octo/papers@{SHA}"),
        ("octo/papers@a5c3785", "octo/papers@a5c3785"),
    ],
)
def test_is_a_reference(markdown: str, text: str) -> None:
    assert kinds(markdown) == [("reference", text)]


@pytest.mark.parametrize(
    "markdown",
    [
        "#",
        "# Heading",
        "# 12",
        "SFUMATO#",
        "C# and F#",
        "C# 12",
        "#0",
        "#twelve",
        "#12a",
        "#12_",
        "_#12",
        "#12345678901",
        f"{FULL_WIDTH_NUMBER_SIGN}12",
        f"#{FULL_WIDTH_ONE}",
        f"#{ZERO_WIDTH_JOINER}12",
        "#*12*",
        "<span>#</span>12",
        "octo/papers<span>#</span>12",
        "`#12`",
        "[#12](https://example.org)",
        "GH-",
        "GH 12",
        "GH<span>-</span>12",
        "NEIGH-12",
        "GHSA-12",
        "https://example.org/octo/papers#12",
        SHA,
        "a5c3785",
        f"name@{SHA}",
        "2025-10-03",
        "arXiv:2510.01234",
        "https://arxiv.org/abs/2510.01234v1",
    ],
)
def test_is_no_reference(markdown: str) -> None:
    assert kinds(markdown) == []


@pytest.mark.parametrize(
    "url",
    [
        THREAD,
        "http://github.com/octo/papers/issues/1",
        "https://www.github.com/octo/papers/issues/1",
        "HTTPS://GitHub.com/octo/papers/ISSUES/1",
        "https://github.com/octo/papers/issues/1#issuecomment-2",
        "https://github.com/octo/papers/issues/1?a=b",
        "https://github.com/octo/papers/pull/1",
        "https://github.com/octo/papers/pull/1/files",
        "https://github.com/octo/papers/discussions/1",
        "https://github.com/orgs/octo/discussions/1",
        f"https://github.com/octo/papers/commit/{SHA}",
        "https://github.com/octo/papers/commit/a5c3785",
        "https://github.com:443/octo/papers/issues/1",
        "https://github.com/octo/papers/%69ssues/1",
        "https://name@github.com/octo/papers/issues/1",
    ],
)
@pytest.mark.parametrize("form", ["{}", "<{}>", "[text]({})", "[text][1]\n\n[1]: {}"])
def test_leads_to_a_thread(url: str, form: str) -> None:
    (found,) = disturbances(form.format(url))
    assert found.kind == "reference"
    assert found.text.lower() == url.lower()


def test_sees_links_of_html_and_without_a_host() -> None:
    assert kinds(f'<a href="{THREAD}">x</a>') == [("reference", THREAD)]
    assert kinds("[x](/octo/papers/issues/1)") == [("reference", "/octo/papers/issues/1")]
    assert kinds("[x](//github.com/octo/papers/issues/1)")


def test_sees_bare_addresses() -> None:
    assert kinds("www.github.com/octo/papers/issues/1")


@pytest.mark.parametrize(
    "url",
    [
        "https://redirect.github.com/octo/papers/issues/1",
        "https://github.com/octo/papers",
        "https://github.com/octo/papers/issues",
        "https://github.com/octo/papers/issues/new",
        f"https://github.com/octo/papers/blob/{SHA}/README.md",
        "https://github.com/octo/papers/commits/main",
        "https://github.com.example.org/octo/papers/issues/1",
        "https://notgithub.com/octo/papers/issues/1",
        "https://gitlab.com/octo/papers/issues/1",
        "https://octo.github.io/papers/issues/1",
        f"https://github.com/octo/papers/commits/{SHA}",
        "https:///octo/papers/issues/1",
        "mailto:/octo/papers/issues/1",
        "http://[broken/octo/papers/issues/1",
    ],
)
def test_leads_elsewhere(url: str) -> None:
    assert kinds(f"[text](<{url}>)") == []


def test_addresses_in_code_lead_nowhere() -> None:
    assert kinds(f"`{THREAD}`") == []


def test_knows_commits_that_exist() -> None:
    def find(markdown: str) -> list[Disturbance]:
        return disturbances(markdown, is_commit=SHA.startswith)

    assert find(SHA) == [Disturbance("reference", SHA)]
    assert find("in a5c3785.") == [Disturbance("reference", "a5c3785")]
    assert find("octo@a5c3785") == [Disturbance("reference", "octo@a5c3785")]
    assert find("a5c378, a5c3785z, b5c3785, `a5c3785`") == []


# Closing keywords


@pytest.mark.parametrize(
    "markdown, text",
    [
        *((f"{word} #1", f"{word} #1") for word in ("close", "closes", "closed")),
        *((f"{word} #1", f"{word} #1") for word in ("fix", "fixes", "fixed", "FIXES")),
        *((f"{word} #1", f"{word} #1") for word in ("resolve", "resolves", "Resolved")),
        ("fixes: #1", "fixes: #1"),
        ("fixes\n#1", "fixes #1"),
        ("it **fixes** #1", "fixes #1"),
        ("fixes GH-1", "fixes GH-1"),
        ("closes octo/papers#1", "closes octo/papers#1"),
        (f"resolves {THREAD}", f"resolves {THREAD}"),
        (f"resolves [this]({THREAD})", f"resolves {THREAD}"),
        (r"fi\xes &#102;ixes \#1", "fixes #1"),
    ],
)
def test_closes(markdown: str, text: str) -> None:
    assert kinds(markdown) == [("closing", text)]


def test_closes_nothing() -> None:
    assert kinds("fixes 1, fixes #, fixes <span>#</span>1, `fixes #1`") == []
    assert kinds("prefixes #1") == [("reference", "#1")]
    assert kinds("fixes issue #1") == [("reference", "#1")]


# Titles and commit messages


@pytest.mark.parametrize(
    "text, found",
    [
        ("fixes #1", [("closing", "fixes #1")]),
        (f"Update\n\nResolves {THREAD}", [("closing", f"Resolves {THREAD}")]),
        ("`@name`", [("mention", "@name")]),
        ("[#12](https://example.org/#12)", [("reference", "#12")]),
        ("<!-- GH-12 -->", [("reference", "GH-12")]),
        ("www.github.com/octo/papers/issues/1", [("reference", f"https://www.{THREAD[8:]}")]),
        ("&commat;name <span>@</span>name", []),
        ("&#64;name", [("reference", "#64")]),
        ("https://example.org/@name#12", []),
        ("Daily Papers: 7 new on 2025-10-03", []),
    ],
)
def test_markdown_means_nothing_in_words(text: str, found: list[tuple[str, str]]) -> None:
    assert in_words(text) == found


# Any text


@given(st.text(st.sampled_from("@#a1-_/.&;:\\`*[]()<>! \n|~$\u200d\0\ud800é")))
@example("<a href='http://[x'>")
@example("@" * 10_000)
def test_takes_any_text(text: str) -> None:
    disturbances(text)
    disturbances_in_words(text)


@given(st.text(st.characters(exclude_characters="<`~[", exclude_categories=["Cs"])))
def test_nothing_before_it_hides_it(text: str) -> None:
    assert ("mention", "@name") in kinds(f"{text}\n\n# Heading\n\n@name\n")


# The stand-in


@pytest.fixture
def standin(tmp_path: Path) -> GitHubStandIn:
    return GitHubStandIn(tmp_path / "papers.git", files={"README.md": "# Papers\n"}).start()


def send(standin: GitHubStandIn, method: str, path: str, **sent: object) -> requests.Response:
    url = f"{standin.address}/repos/octo/papers{path}"
    headers = {"Authorization": f"Bearer {standin.token}"}
    return requests.request(method, url, json=sent or None, headers=headers, timeout=60)


def test_standin_hears_what_is_written(standin: GitHubStandIn) -> None:
    standin.must_be_calm = False
    head = standin.repository.resolve("main")
    assert head
    send(standin, "POST", "/issues", title="See #1", body="Thanks, @name")
    send(standin, "PATCH", "/issues/1", body=f"As in {head[:8]}, not a5c3785")
    send(standin, "POST", "/issues/1/comments", body="<span>@</span>name fixes *#2*")
    tree = send(standin, "GET", f"/git/commits/{head}").json()["tree"]["sha"]
    message = "Update\n\nCloses #3"
    commit = send(standin, "POST", "/git/commits", message=message, tree=tree, parents=[head])
    send(standin, "POST", "/git/refs", ref="refs/heads/next", sha=commit.json()["sha"])
    standin.stop()
    api = "/repos/octo/papers"
    assert standin.disturbances == [
        Disturbance("reference", "#1", f"POST {api}/issues: title"),
        Disturbance("mention", "@name", f"POST {api}/issues: body"),
        Disturbance("reference", head[:8], f"PATCH {api}/issues/1: body"),
        Disturbance("closing", "fixes #2", f"POST {api}/issues/1/comments: body"),
        Disturbance("closing", "Closes #3", f"POST {api}/git/commits: message"),
    ]


def test_standin_hears_pull_requests(standin: GitHubStandIn) -> None:
    standin.must_be_calm = False
    head = standin.repository.resolve("main")
    assert head
    tree = send(standin, "GET", f"/git/commits/{head}").json()["tree"]["sha"]
    commit = send(standin, "POST", "/git/commits", message="Update", tree=tree, parents=[head])
    send(standin, "POST", "/git/refs", ref="refs/heads/next", sha=commit.json()["sha"])
    send(standin, "POST", "/pulls", title="Update", head="next", base="main", body="Fixes #1")
    send(standin, "PATCH", "/pulls/1", body=f"[it]({THREAD})")
    standin.stop()
    assert [(one.kind, one.text) for one in standin.disturbances] == [
        ("closing", "Fixes #1"),
        ("reference", THREAD),
    ]


def test_standin_raises_what_disturbs(standin: GitHubStandIn) -> None:
    send(standin, "POST", "/issues", title="New", body="Thanks, @name")
    with pytest.raises(DisturbanceError, match=r"^POST /repos/octo/papers/issues: body: mention "):
        standin.stop()


def test_standin_lets_people_and_calm_texts_pass(standin: GitHubStandIn) -> None:
    standin.open_issue("Fixes #1", "@name")
    send(standin, "POST", "/issues", title="7 new on 2025-10-03", body="<span>@</span>name")
    send(standin, "POST", "/issues", title="", body="refused, so @nobody reads it")
    standin.stop()
    assert standin.disturbances == []
