"""Which boxes count as ticks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.interests import ticks
from daily_papers.interests.ticks import Ticks
from daily_papers.views import markdown
from tests.support import paper

EVIL = "https://arxiv.org/abs/6666.66666v1"


def item(arxiv_id: str, title: str = "A Study", mark: str = "x") -> str:
    link = markdown.link(title, paper(arxiv_id).abs_url)
    return f"- [{mark}] **{link}** — Ada Example · cs.LG, *because: graphs*"


def test_a_ticked_box_is_a_like() -> None:
    body = "\n".join(
        ["Two new papers.", item("2509.00001"), item("2509.00002", mark=" "), item("math/0309136")]
    )
    assert ticks.read([body]) == Ticks(
        ticked=("2509.00001", "math/0309136"), unticked=("2509.00002",)
    )


def test_github_may_write_a_tick_and_the_end_of_a_line_in_its_own_way() -> None:
    body = "\r\n".join([item("2509.00001", mark="X"), item("2509.00002")]) + "\r\n"
    assert ticks.read([body]).ticked == ("2509.00001", "2509.00002")


@pytest.mark.parametrize(
    "line",
    [
        f"  {item('2509.00001')}",
        f"> {item('2509.00001')}",
        f"Text {item('2509.00001')}",
        f"* {item('2509.00001')[2:]}",
        "- [x] **no link**",
        "- [x]",
        "- [x] **[T](https://example.org/abs/2509.00001v1)**",
        "- [x] **[T](https://arxiv.org/abs/nonsense)**",
        f"- {markdown.link('A Study', paper().abs_url)}",
    ],
)
def test_nothing_else_is_a_box(line: str) -> None:
    assert ticks.read([line]) == Ticks()


@pytest.mark.parametrize(
    "title",
    [
        f"[x]({EVIL})",
        f"A](<{EVIL}>) [B",
        f"\\]({EVIL})",
        f"$]({EVIL})$ and more",
        f"$`]({EVIL})$ and $``]({EVIL})$",
        f"`]({EVIL})",
        f"$a$ ` b ]({EVIL}) $c$",
        f"one\n- [x] **[T]({EVIL})**",
        f"one\u2028- [x] **[T]({EVIL})**",
        EVIL,
    ],
)
def test_a_title_that_looks_like_an_item_is_not_one(title: str) -> None:
    assert ticks.read([item("2509.00001", title)]).ticked == ("2509.00001",)


@given(st.lists(st.sampled_from([*"[]()`\\$\n -x*", EVIL, f"]({EVIL})", "w"])))
def test_no_title_hides_or_replaces_its_own_paper(pieces: list[str]) -> None:
    found = ticks.read([item("2509.00001", f"Word {''.join(pieces)}")])
    assert found == Ticks(ticked=("2509.00001",))


@given(st.lists(st.text(st.sampled_from("[]()`\\- x\nhttps://arxiv.org/abs2509v1"))))
def test_any_body_can_be_read(bodies: list[str]) -> None:
    ticks.read(bodies)


def test_an_untick_removes_a_like() -> None:
    before = ticks.read([item("2509.00001")]).applied_to(())
    assert before == ("2509.00001",)
    assert ticks.read([item("2509.00001", mark=" ")]).applied_to(before) == ()


def test_ticks_in_digests_that_are_no_longer_read_stay() -> None:
    assert ticks.read([item("2509.00002")]).applied_to(["2509.00001"]) == (
        "2509.00002",
        "2509.00001",
    )


def test_a_paper_in_two_digests_is_liked_if_it_is_ticked_in_one() -> None:
    bodies = [item("2509.00001", mark=" "), item("2509.00001")]
    assert ticks.read(bodies).ticked == ("2509.00001",)
