"""What answers for GitHub and is not: each answer of a good day, replaced by each odd one.

A proxy's page, another product's API, a redirect, a field of another type: the run says so in one
sentence about GitHub and fails, or gets over it, and in both cases nothing is lost or told twice.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import settings

from daily_papers.github import requester
from daily_papers.memory import datafile
from daily_papers.papers import SortBy
from daily_papers.transport import Timeouts
from tests.hub import DATA_FILE, README, TOKEN, World, world_with
from tests.standins.github_faults import Trouble
from tests.standins.hostile import SCRIPTS, HostileServer
from tests.standins.server import LoopbackServer, Request, Response
from tests.support import Result, told

IS_THOROUGH = settings.get_current_profile_name() == "thorough"

Odd = Callable[[Request, Response, str], Response]
"""Makes an odd answer of a right one; the last argument is the address of a stranger's server."""


class Stranger(LoopbackServer):
    """A server that nobody should ever ask."""

    def answer(self, _request: Request) -> Response:
        return Response(body=b"{}")


@dataclass
class Scene:
    world: World
    stranger: Stranger


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with world_with(tmp_path, {"README.md": README}) as world, Stranger() as stranger:
        world.github.rate_limit = 1_000_000
        world.run()
        yield Scene(world, stranger)


def text(body: bytes, *, status: int = 200, **headers: str) -> Odd:
    """An answer that has nothing to do with the request."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    content = {"Content-Type": "application/json; charset=utf-8"}
    return lambda _request, _response, _stranger: Response(
        status=status, headers={**content, **given}, body=body
    )


def changed(change: Callable[[Any], Any]) -> Odd:
    """The right answer with its JSON changed."""

    def odd(_request: Request, response: Response, _stranger: str) -> Response:
        value = json.loads(response.body) if response.body else None
        return replace(response, body=json.dumps(change(value)).encode())

    return odd


def each(change: Callable[[Any], Any]) -> Odd:
    """The right answer with every value inside changed that is neither a list nor an object."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walk(item) for name, item in value.items()}
        if isinstance(value, list):
            return [walk(item) for item in value]
        return change(value)

    return changed(walk)


def redirected(status: int, location: Callable[[Request, str], str | None]) -> Odd:
    def odd(request: Request, _response: Response, stranger: str) -> Response:
        where = location(request, stranger)
        headers = {} if where is None else {"Location": where}
        return Response(status=status, headers=headers, body=b'{"message": "Moved"}')

    return odd


def limits_in_words(_request: Request, response: Response, _stranger: str) -> Response:
    words = {f"X-RateLimit-{name}": "plenty" for name in ("Limit", "Remaining", "Reset", "Used")}
    return replace(response, headers={**response.headers, **words, "Retry-After": "soon"})


def elsewhere(stranger: str) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        is_address = isinstance(value, str) and value.startswith("http")
        return f"{stranger}/repos/octo/papers/x" if is_address else value

    return change


ODD: dict[str, Odd] = {
    "a page": text(b"<html><body>Sign in to the proxy</body></html>", Content_Type="text/html"),
    "nothing": text(b""),
    "an empty list": text(b"[]"),
    "an empty object": text(b"{}"),
    "null": text(b"null"),
    "a string": text(b'"ok"'),
    "a number": text(b"7"),
    "half of it": lambda _q, response, _s: replace(
        response, body=response.body[: len(response.body) // 2]
    ),
    "deep": text(b"[" * 200_000),
    "deep and whole": text(b'{"a":' * 200_000 + b"1" + b"}" * 200_000),
    "no UTF-8": text(b'{"message": "\xff\xfe"}'),
    "a huge number": text(b'{"number": ' + b"9" * 10_000 + b"}"),
    "bad gzip": text(b"no gzip", Content_Encoding="gzip"),
    "a list of it": changed(lambda value: [value]),
    "an object of it": changed(lambda value: {"data": value}),
    "no strings": each(lambda value: 1 if isinstance(value, str) else value),
    "only strings": each(str),
    "only null": each(lambda _: None),
    "only lists": each(lambda value: [value]),
    "hostile strings": each(lambda v: f"../{v}\n::error::x" if isinstance(v, str) else v),
    "lone surrogates": each(lambda v: f"\ud800{v}" if isinstance(v, str) else v),
    "addresses elsewhere": lambda q, response, stranger: each(elsewhere(stranger))(
        q, response, stranger
    ),
    "half of the fields": changed(
        lambda value: dict(list(value.items())[::2]) if isinstance(value, dict) else value
    ),
    "Gitea": text(b'{"name": "main", "commit": {"id": "1", "message": "x"}, "protected": false}'),
    "limits in words": limits_in_words,
    "301 to another host": redirected(301, lambda q, stranger: f"{stranger}{q.target}"),
    "301 to another scheme": redirected(301, lambda q, _: f"https://{q.headers['host']}{q.target}"),
    "301 to itself": redirected(301, lambda q, _: q.target),
    "301 to nowhere": redirected(301, lambda _q, _s: None),
    "302 to no address": redirected(302, lambda _q, _s: "http://["),
    "302 elsewhere": redirected(302, lambda _q, stranger: f"{stranger}/login"),
    "307 elsewhere": redirected(307, lambda _q, stranger: f"{stranger}/login"),
    "202": text(b"{}", status=202),
    "304": text(b"", status=304),
    "418": text(b"teapot", status=418),
    "400 with a list": text(b"[1, 2]", status=400),
    "403 with odd words": text(b'{"message": ["no"], "errors": {"a": 1}}', status=403),
    "404 with a number": text(b"404", status=404),
    "422 with odd errors": text(b'{"message": 1, "errors": [1, null, {"code": 2}]}', status=422),
    "429 in words": text(b"{}", status=429, Retry_After="soon"),
    "502": text(b"<html>Unicorn!</html>", status=502),
}


def check(scene: Scene, result: Result) -> None:
    """The run went well, or failed with a sentence about GitHub; nobody else got the token."""
    assert result.exit_code in {0, 1}
    assert "This is a bug" not in result.log
    assert "Traceback" not in result.log
    assert TOKEN not in result.log.replace(f"::add-mask::{TOKEN}", "")
    if result.exit_code:
        (line,) = [line for line in result.log.splitlines() if line.startswith("::error::")]
        assert "GitHub" in line
        assert len(line) < 1_500
    assert scene.stranger.requests == []


def check_whole(world: World) -> None:
    """All papers are on the page and in the data file, and each was told once."""
    page = world.read()
    assert page.count("\n| **[") == len(world.arxiv.entries)
    data, today = world.read(DATA_FILE).encode(), world.clock.now().date()
    memory = datafile.decode(data, "daily-papers", SortBy.UPDATED, today=today)
    assert len(memory.snapshot.sections[0].papers) == len(world.arxiv.entries)
    tells = [told(issue["body"]).ids for issue in world.github.hub.issues.values()]
    assert max(Counter(paper for ids in tells for paper in ids).values()) == 1


SOME = list(ODD) if IS_THOROUGH else ["an empty object", "only null", "no strings", "a list of it"]
STEP = 1 if IS_THOROUGH else 2


def odd_at(scene: Scene, name: str, position: int) -> Trouble:
    """Makes the answer to the request at a position of the next run odd."""
    odd, stranger = ODD[name], scene.stranger.address
    trouble = Trouble(fault=lambda request, response: odd(request, response, stranger))
    trouble.skip = position
    scene.world.github.troubles[:] = [trouble]
    return trouble


@pytest.mark.parametrize("name", ODD)
def test_each_answer_of_a_day_may_be_odd(scene: Scene, name: str) -> None:
    world = scene.world
    # All positions are seen, by this odd answer or by the next one.
    for position in range(list(ODD).index(name) % STEP, 9, STEP):
        world.a_day_later(10 + position)
        trouble = odd_at(scene, name, position)
        check(scene, world.run())
        assert not trouble.times, "an ordinary day takes nine requests"
        world.github.troubles.clear()
        healed = world.run()
        assert healed.exit_code == 0, (name, position, healed.log)
        check_whole(world)


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("mode", ["commit", "pull-request"])
def test_each_answer_of_a_first_run_may_be_odd(tmp_path: Path, name: str, mode: str) -> None:
    was_hit = True
    position = 0
    while was_hit:
        folder = tmp_path / str(position)
        folder.mkdir()
        with world_with(folder, {"README.md": README}) as world, Stranger() as stranger:
            world.inputs["publish"] = mode
            scene = Scene(world, stranger)
            was_hit = True
            trouble = odd_at(scene, name, position)
            check(scene, world.run())
            was_hit = not trouble.times
            world.github.troubles.clear()
            healed = world.run()
            assert healed.exit_code == 0, (name, position, healed.log)
            if mode == "commit":
                check_whole(world)
            else:
                assert len(world.github.hub.pulls) == 1
        position += STEP
    assert position > 9


@pytest.mark.parametrize(
    "url",
    [
        "api.github.com",
        "ftp://api.github.com",
        "https://",
        "https:///api/v3",
        "https://user:secret@api.github.com",
        "https://api.github.com?x=1",
        "https://api.github.com#x",
        "https://api.github.com:port",
        "https://api.github.com:99999",
        "https://[::1",
        "https://api.github.com/ v3",
        "https://api.github.com\n",
        "https://exämple.org",
        " https://api.github.com",
        "http://127.0.0.1:1",
        "http://127.0.0.1:1/" + "x" * 5_000,
        "http://..",
        "http://" + "x" * 300 + ".example",
        "http://no-such-host.invalid",
    ],
)
def test_odd_addresses_of_the_api(scene: Scene, url: str) -> None:
    scene.world.environ["GITHUB_API_URL"] = url
    result = scene.world.run()
    assert result.exit_code == 1
    check(scene, result)
    assert scene.world.asked == []


@pytest.mark.parametrize("token", ["ghs_abc\nghs_def", "ghs_abc def", "ghs_ä"])
def test_a_token_that_is_none_is_never_sent_or_shown(scene: Scene, token: str) -> None:
    result = scene.world.run(github_token=token)
    assert result.exit_code == 1
    assert "::error::the input github-token is not a token" in result.log
    assert scene.world.asked == []


def test_answers_without_an_end_are_given_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requester, "LARGEST_ANSWER", 1_000_000)
    page = Response(body=b" " * 2_000_000, headers={"Content-Type": "application/json"})
    scene.world.github.troubles.append(Trouble(fault=lambda *_: page, times=99))
    result = scene.world.run()
    check(scene, result)
    assert result.exit_code == 1
    assert "the answer has no end" in result.log


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_answers_that_drip_are_given_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, framing: Literal["length", "chunked", "close"]
) -> None:
    monkeypatch.setattr(requester, "TIMEOUTS", Timeouts(connect=1, read=1, whole=0.3))
    scene.world.github.troubles.append(
        Trouble(fault=lambda _, response: replace(response, drip=0.1, framing=framing), times=99)
    )
    result = scene.world.run()
    check(scene, result)
    assert result.exit_code == 1
    assert "did not finish its answer within 0.3 s" in result.log


@pytest.mark.parametrize("name", ["redirect's body, poured", "body, poured", "gzip of gigabytes"])
def test_hostile_servers_neither_hold_nor_fill(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(requester, "TIMEOUTS", Timeouts(connect=1, read=1, whole=1))
    monkeypatch.setattr(requester, "LARGEST_ANSWER", 1_000_000)
    (script,) = (script for full, script in SCRIPTS.items() if full.removeprefix("a ") == name)
    with HostileServer(script) as server:
        scene.world.environ["GITHUB_API_URL"] = server.url
        result = scene.world.run()
    check(scene, result)
    assert result.exit_code == 1


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_whole_answers_may_come_in_any_framing(
    scene: Scene, framing: Literal["length", "chunked", "close"]
) -> None:
    def fault(_request: Request, response: Response) -> Response:
        headers = {**response.headers, "Content-Encoding": "gzip"}
        return replace(
            response, framing=framing, body=gzip.compress(response.body), headers=headers
        )

    scene.world.github.troubles.append(Trouble(fault=fault, times=99))
    scene.world.a_day_later(6)
    assert scene.world.run().exit_code == 0
    check_whole(scene.world)
