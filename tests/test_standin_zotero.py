"""The stand-in for Zotero is held to what Zotero's documentation says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.standins.zotero import StandInLibrary, ZoteroStandIn

SECRET = "abcdefghijklmnopqrstuvwx"


@pytest.fixture
def zotero() -> Iterator[ZoteroStandIn]:
    library = StandInLibrary(keys={SECRET})
    for number in range(130):
        library.add(f"Paper {number}", collections=["ABCDEFGH"] if number % 2 else [])
    private = StandInLibrary(keys={SECRET}, is_public=False)
    with ZoteroStandIn({("users", 1): library, ("groups", 2): private}) as standin:
        yield standin


def ask(zotero: ZoteroStandIn, path: str, key: str = "", **query: object) -> requests.Response:
    headers = {"Zotero-API-Key": key} if key else {}
    if version := query.pop("known", None):
        headers["If-Modified-Since-Version"] = str(version)
    return requests.get(
        f"{zotero.address}/{path}",
        params={name: str(value) for name, value in query.items()},
        headers=headers,
        timeout=60,
    )


def test_a_list_has_twenty_five_items_and_never_more_than_a_hundred(zotero: ZoteroStandIn) -> None:
    assert len(ask(zotero, "users/1/items/top").json()) == 25
    page = ask(zotero, "users/1/items/top", limit=500)
    assert len(page.json()) == 100
    assert page.headers["Total-Results"] == "130"
    after = page.links["next"]["url"]
    assert len(requests.get(after, timeout=60).json()) == 30


def test_the_newest_addition_comes_first(zotero: ZoteroStandIn) -> None:
    titles = [item["data"]["title"] for item in ask(zotero, "users/1/items/top", limit=3).json()]
    assert titles == ["Paper 129", "Paper 128", "Paper 127"]


def test_keys_come_as_a_whole(zotero: ZoteroStandIn) -> None:
    assert len(ask(zotero, "users/1/items/top", format="keys").text.split()) == 130


def test_a_collection_is_part_of_a_library(zotero: ZoteroStandIn) -> None:
    answer = ask(zotero, "users/1/collections/ABCDEFGH/items/top", format="keys")
    assert len(answer.text.split()) == 65
    assert ask(zotero, "users/1/collections/AAAAAAAA/items/top").status_code == 404


def test_only_what_is_newer_comes(zotero: ZoteroStandIn) -> None:
    assert len(ask(zotero, "users/1/items/top", since=120).json()) == 10
    assert ask(zotero, "users/1/items/top", known=130).status_code == 304
    assert ask(zotero, "users/1/items/top", known=129).status_code == 200


def test_a_private_library_needs_its_key(zotero: ZoteroStandIn) -> None:
    assert ask(zotero, "groups/2/items/top").status_code == 403
    assert ask(zotero, "groups/2/items/top", key=SECRET).status_code == 200
    assert ask(zotero, "users/1/items/top", key="wrong").status_code == 403
    assert ask(zotero, "users/9/items/top").status_code == 404
