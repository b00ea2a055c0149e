"""A Zotero library, read over real HTTP from a stand-in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from daily_papers.interests.liked import MAX_LIKED
from daily_papers.interests.likes import Shelf
from daily_papers.interests.lines import Library
from daily_papers.interests.zotero import URL, Timeouts, Zotero, ZoteroError
from tests.standins.server import Fault, Request, Response, changed, with_status
from tests.standins.zotero import StandInLibrary, ZoteroStandIn, item_key
from tests.support import FakeClock

SECRET = "abcdefghijklmnopqrstuvwx"
USER = Library(kind="users", number=12345)
GROUP = Library(kind="groups", number=678)


@pytest.fixture
def library() -> StandInLibrary:
    library = StandInLibrary(keys={SECRET})
    for number in range(3):
        library.add(f"Paper {number}", abstractNote=f"Abstract {number}.")
    return library


@pytest.fixture
def zotero(library: StandInLibrary) -> Iterator[ZoteroStandIn]:
    private = StandInLibrary(keys={SECRET}, is_public=False)
    private.add("A Secret")
    with ZoteroStandIn({("users", 12345): library, ("groups", 678): private}) as standin:
        yield standin


def read(
    zotero: ZoteroStandIn,
    library: Library = USER,
    known: Shelf | None = None,
    clock: FakeClock | None = None,
    **options: Any,
) -> Shelf:
    fields = {"time_limit": 120.0, "timeouts": Timeouts(connect=2, read=2), **options}
    client = Zotero(clock or FakeClock(), url=zotero.address, **fields)
    return client.read(library, known)


def titles(shelf: Shelf) -> list[str]:
    return [paper.title for paper in shelf.papers]


def refused(*args: Any, **options: Any) -> str:
    with pytest.raises(ZoteroError) as caught:
        read(*args, **options)
    return str(caught.value)


def test_the_host_is_zoteros_and_the_connection_is_encrypted() -> None:
    assert URL == "https://api.zotero.org"


def test_the_newest_addition_comes_first(zotero: ZoteroStandIn) -> None:
    shelf = read(zotero)
    assert titles(shelf) == ["Paper 2", "Paper 1", "Paper 0"]
    assert shelf.papers[0].summary == "Abstract 2."
    assert (shelf.version, shelf.total) == (3, 3)


def test_every_request_names_the_version_of_the_api(zotero: ZoteroStandIn) -> None:
    read(zotero)
    assert {request.headers["zotero-api-version"] for request in zotero.requests} == {"3"}


def test_a_library_of_several_pages_is_read_as_a_whole(
    zotero: ZoteroStandIn, library: StandInLibrary
) -> None:
    for number in range(3, 250):
        library.add(f"Paper {number}")
    assert titles(read(zotero)) == [f"Paper {number}" for number in reversed(range(250))]
    assert len(zotero.requests) == 4


def test_of_a_huge_library_the_newest_additions_are_read(
    zotero: ZoteroStandIn, library: StandInLibrary
) -> None:
    for number in range(3, 3000):
        library.add(f"Paper {number}")
    shelf = read(zotero)
    assert len(shelf.papers) == MAX_LIKED
    assert shelf.papers[0].title == "Paper 2999"
    assert shelf.total == 3000
    assert len(zotero.requests) == 1 + MAX_LIKED // 100


def test_an_unchanged_library_costs_one_request(zotero: ZoteroStandIn) -> None:
    shelf = read(zotero)
    zotero.requests.clear()
    assert read(zotero, known=shelf) is shelf
    assert len(zotero.requests) == 1


def test_only_what_has_changed_is_read_again(
    zotero: ZoteroStandIn, library: StandInLibrary
) -> None:
    shelf = read(zotero)
    library.add("Paper 1, Revised", key=next(iter(library.items)))
    library.remove(item_key(2))
    library.add("Paper 3")
    zotero.requests.clear()
    changed_shelf = read(zotero, known=shelf)
    assert titles(changed_shelf) == ["Paper 3", "Paper 2", "Paper 1, Revised"]
    assert [request.query.get("since") for request in zotero.requests] == [None, "3"]
    assert changed_shelf.version == library.version


def test_an_item_that_becomes_one_of_the_newest_is_read(
    zotero: ZoteroStandIn, library: StandInLibrary
) -> None:
    for number in range(3, MAX_LIKED + 1):
        library.add(f"Paper {number}")
    shelf = read(zotero)
    assert "Paper 0" not in titles(shelf)
    library.remove(item_key(5))
    assert titles(read(zotero, known=shelf))[-1] == "Paper 0"


def test_an_empty_library_has_no_papers(zotero: ZoteroStandIn, library: StandInLibrary) -> None:
    library.items.clear()
    assert read(zotero).papers == ()


def test_only_the_items_of_a_collection_are_read(
    zotero: ZoteroStandIn, library: StandInLibrary
) -> None:
    library.add("In the Collection", collections=["ABCDEFGH"])
    shelf = read(zotero, replace(USER, collection="ABCDEFGH"))
    assert titles(shelf) == ["In the Collection"]


def test_notes_and_attachments_are_not_papers(
    zotero: ZoteroStandIn, library: StandInLibrary
) -> None:
    library.add("Full Text PDF", itemType="attachment")
    library.add("", itemType="note", note="<p>Read this.</p>")
    assert titles(read(zotero)) == ["Paper 2", "Paper 1", "Paper 0"]
    shelf = read(zotero)
    zotero.requests.clear()
    library.add("Paper 4")
    read(zotero, known=shelf)
    assert len(zotero.requests) == 2


@pytest.mark.parametrize(
    "data",
    [
        {"archiveID": "arXiv:2401.01234"},
        {"url": "http://arxiv.org/abs/2401.01234v2"},
        {"DOI": "10.48550/arXiv.2401.01234"},
        {"extra": "Citation Key: smith\narXiv:2401.01234 [cs]"},
        {"publicationTitle": "arXiv:2401.01234 [cs, stat]"},
    ],
)
def test_a_preprint_is_known_by_its_arxiv_id(
    zotero: ZoteroStandIn, library: StandInLibrary, data: dict[str, str]
) -> None:
    library.add("A Preprint", itemType="preprint", **data)
    assert read(zotero).papers[0].arxiv_id == "2401.01234"


# The key


def test_a_public_library_needs_no_key(zotero: ZoteroStandIn) -> None:
    read(zotero)
    assert all("zotero-api-key" not in request.headers for request in zotero.requests)


def test_a_private_library_is_read_with_the_key(zotero: ZoteroStandIn) -> None:
    assert titles(read(zotero, GROUP, key=f" {SECRET}\n")) == ["A Secret"]
    assert {request.headers["zotero-api-key"] for request in zotero.requests} == {SECRET}
    assert all(SECRET not in request.target for request in zotero.requests)


def test_a_private_library_without_a_key_is_an_error_that_says_what_to_do(
    zotero: ZoteroStandIn,
) -> None:
    message = refused(zotero, GROUP)
    assert "zotero:groups/678 is private" in message
    assert "zotero-key" in message


def test_a_wrong_key_is_not_quoted(zotero: ZoteroStandIn) -> None:
    message = refused(zotero, GROUP, key="wrongwrongwrong")
    assert "does not let zotero-key read zotero:groups/678" in message
    assert "wrongwrongwrong" not in message


@pytest.mark.parametrize("key", ["two words", "line\nfeed", "kéy", "a:b"])
def test_an_impossible_key_is_never_sent(zotero: ZoteroStandIn, key: str) -> None:
    message = refused(zotero, key=key)
    assert "zotero-key is not a Zotero key" in message
    assert key not in message
    assert zotero.requests == []


def test_a_redirect_is_not_followed(zotero: ZoteroStandIn, library: StandInLibrary) -> None:
    with ZoteroStandIn({("users", 12345): library}) as elsewhere:
        target = f"{elsewhere.address}/users/12345/items/top?format=keys"
        zotero.faults.append(with_status(302, Location=target))
        assert "status 302" in refused(zotero, key=SECRET)
        assert elsewhere.requests == []


def test_a_link_to_the_next_page_is_not_followed(
    zotero: ZoteroStandIn, library: StandInLibrary
) -> None:
    for number in range(3, 150):
        library.add(f"Paper {number}")
    with ZoteroStandIn({}) as elsewhere:

        def linked(_request: Request, response: Response) -> Response:
            link = {"Link": f'<{elsewhere.address}/>; rel="next"'}
            return replace(response, headers={**response.headers, **link})

        zotero.faults.extend([linked, linked, linked])
        assert len(read(zotero, key=SECRET).papers) == 150
        assert elsewhere.requests == []


# What goes wrong


def test_a_library_that_is_gone_is_named(zotero: ZoteroStandIn) -> None:
    message = refused(zotero, Library(kind="users", number=99))
    assert message.startswith("Zotero has no zotero:users/99\n")


def test_pauses_that_zotero_asks_for_are_kept(zotero: ZoteroStandIn) -> None:
    def backoff(_request: Request, response: Response) -> Response:
        return replace(response, headers={**response.headers, "Backoff": "17"})

    clock = FakeClock()
    zotero.faults.append(backoff)
    read(zotero, clock=clock)
    assert clock.sleeps == [17]


def test_it_waits_as_long_as_zotero_asks_for(zotero: ZoteroStandIn) -> None:
    clock = FakeClock()
    zotero.faults.append(with_status(429, Retry_After="23"))
    assert len(read(zotero, clock=clock).papers) == 3
    assert clock.sleeps == [23]


def test_a_wait_beyond_the_time_limit_is_not_begun(zotero: ZoteroStandIn) -> None:
    clock = FakeClock()
    zotero.faults.append(with_status(503, Retry_After="3600"))
    assert "more patience than there is time" in refused(zotero, clock=clock)
    assert clock.sleeps == []


HASTY = Timeouts(read=1, whole=2)


@pytest.mark.parametrize(
    "fault",
    [
        with_status(500),
        with_status(503, "<html>maintenance</html>"),
        changed(reset=True),
        changed(cut=9),
        changed(stall=9.0),
        changed(drip=0.5),
    ],
)
def test_two_failures_are_retried_but_not_three(zotero: ZoteroStandIn, fault: Fault) -> None:
    zotero.faults.extend([fault, fault])
    assert len(read(zotero, timeouts=HASTY).papers) == 3
    zotero.faults.extend([fault, fault, fault])
    assert refused(zotero, timeouts=HASTY).startswith("Zotero ")


@pytest.mark.parametrize("body", [b"no keys, but words", b"\xff\xfe", b"AAAAAAAA\n", b""])
def test_an_incomplete_list_of_keys_is_refused(zotero: ZoteroStandIn, body: bytes) -> None:
    zotero.faults.append(changed(body=body))
    assert "no whole list of keys of zotero:users/12345" in refused(zotero)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[", b"null", b"[" * 100_000, b'[1, null, {"data": 3}]', b"\xff"],
)
def test_items_of_any_form_do_no_harm(zotero: ZoteroStandIn, body: bytes) -> None:
    # The first answer, the list of keys, is right.
    zotero.faults.extend([None, changed(body=body)])
    with contextlib.suppress(ZoteroError):
        assert read(zotero).papers == ()


def test_fields_of_any_type_do_no_harm(zotero: ZoteroStandIn, library: StandInLibrary) -> None:
    library.add(None, abstractNote=7, url=["x"], extra={"a": 1}, DOI=None)  # type: ignore[arg-type]
    assert titles(read(zotero)) == ["Paper 2", "Paper 1", "Paper 0"]
