"""One exchange, against servers that would hold a client for ever or fill its memory.

The hostile ones are raw sockets: see `standins.hostile`. Those that speak TLS have a certificate
that is made for the test.
"""

from __future__ import annotations

import resource
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from daily_papers import transport
from daily_papers.transport import (
    NoNetworkError,
    Request,
    Response,
    Timeouts,
    Transport,
    TransportError,
    UnknownHostError,
)
from tests.standins import hostile
from tests.standins.hostile import SCRIPTS, HostileServer, Script
from tests.standins.server import LoopbackServer, make_certificate
from tests.standins.server import Request as Asked
from tests.standins.server import Response as Given

MOST = 1_000_000
PATIENT = Timeouts()
SHORT = Timeouts(connect=1, read=0.7, whole=1)
LIMIT = 20.0
"""Real seconds within which an exchange of one second has ended, on a machine that is busy."""


def get(url: str, timeouts: Timeouts = PATIENT, most: int = MOST, **headers: str) -> Response:
    request = Request(url=url, headers=headers)
    return Transport().exchange(request, timeouts=timeouts, most=most)


def are_running() -> bool:
    return any(thread.name == transport.THREAD for thread in threading.enumerate())


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_every_exchange_ends_in_time_and_with_little_memory(script: Script) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with HostileServer(script) as server:
        begun = time.monotonic()
        said = "127.0.0.1"
        try:
            size = len(get(server.url, SHORT).body)
        except TransportError as error:
            said, size = str(error), 0
        assert "127.0.0.1" in said
        assert len(said) < 300
        assert size <= MOST + transport.PIECE
        assert time.monotonic() - begun < LIMIT
    # Whatever went on in the thread has ended with it.
    while are_running() and time.monotonic() - begun < 2 * LIMIT:
        time.sleep(0.01)
    assert not are_running()
    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    assert grown < 50_000_000


@pytest.mark.parametrize(
    "name,words",
    {
        "silence": "127.0.0.1 sent nothing for 0.7 s; it may be overloaded",
        "100 Continue, dripped": "127.0.0.1 did not finish its answer within 1 s",
    }.items(),
)
def test_the_error_says_how_long_was_waited(name: str, words: str) -> None:
    with HostileServer(SCRIPTS[name]) as server, pytest.raises(TransportError, match=words):
        get(server.url, SHORT)


@pytest.mark.parametrize(
    "name,words",
    {
        "a status line, poured": "sent no usable HTTP response: got more than 65536 bytes",
        "headers, poured": "sent no usable HTTP response: got more than 100 headers",
        "a chunk's extension, poured": "sent no usable HTTP response|closed the connection",
        "gzip of empty blocks": "it is compressed, and longer than 1,000,000 bytes even so",
        "gzip of endless members": "something follows its compressed body",
        "not HTTP": "sent no usable HTTP response: SSH-2.0",
    }.items(),
)
def test_the_error_says_what_happened(name: str, words: str) -> None:
    with HostileServer(SCRIPTS[name]) as server, pytest.raises(TransportError, match=words):
        get(server.url)


# --- What is read ---------------------------------------------------------------------------------


class Echo(LoopbackServer):
    """Answers with what it is told to."""

    def __init__(self, response: Given) -> None:
        super().__init__()
        self.response = response

    def answer(self, _request: Asked) -> Given:
        return self.response


def answered(response: Given, most: int = MOST) -> Response:
    with Echo(response) as server:
        return get(server.address, most=most)


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_body_is_read_whole_in_every_framing(framing: str) -> None:
    body = bytes(range(256)) * 1_000
    found = answered(Given(body=body, framing=framing))  # type: ignore[arg-type]
    assert (found.status, found.body) == (200, body)


@pytest.mark.parametrize("most", [0, 1, 99_999, 100_000, 100_001])
def test_a_body_is_cut_after_what_is_wanted(most: int) -> None:
    body = b"x" * 100_000
    found = answered(Given(body=body), most)
    assert found.body == body[: len(found.body)]
    assert (len(found.body) > most) is (len(body) > most)


def test_of_a_refusal_only_the_beginning_is_read_and_of_a_redirect_nothing() -> None:
    assert 0 < len(answered(Given(status=503, body=b"x" * MOST)).body) < MOST
    assert answered(Given(status=302, headers={"Location": "/"}, body=b"x" * 99)).body == b""


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_body_that_is_cut_off_is_an_error(framing: str) -> None:
    with pytest.raises(TransportError, match="closed the connection before its answer was whole"):
        answered(Given(body=b"x" * 1_000, framing=framing, cut=500))  # type: ignore[arg-type]


@pytest.mark.parametrize("length", ["7, 8", "7\r\nContent-Length: 8", "x", "-1"])
def test_a_length_that_is_none_is_an_error(length: str) -> None:
    with pytest.raises(TransportError, match="Content-Length is"):
        answered(Given(body=b"x" * 9, headers={"Content-Length": length}, framing="close"))


def test_a_request_says_what_it_should_and_nothing_else() -> None:
    with Echo(Given(body=b"x")) as server:
        request = Request(
            method="POST", url=f"{server.address}/a?b=c#d", headers={"A": "1"}, body=b"e=f"
        )
        Transport().exchange(request, timeouts=SHORT, most=MOST)
        (asked,) = server.requests
    assert (asked.method, asked.target, asked.body) == ("POST", "/a?b=c", b"e=f")
    assert set(asked.headers) == {
        "a",
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "user-agent",
    }


def test_no_credentials_are_taken_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("default login ada password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Echo(Given(body=b"x")) as server:
        get(server.address)
    assert "authorization" not in server.requests[0].headers


def test_several_headers_of_one_name_are_joined() -> None:
    def script() -> Iterator[bytes | float]:
        yield b"HTTP/1.1 200 OK\r\nLink: a\r\nlink: b\r\nContent-Length: 1\r\n\r\nx"

    with HostileServer(script) as server:
        assert get(server.url).headers["LINK"] == "a, b"


# --- Ways that lead nowhere -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "code,kind,words",
    [
        (socket.EAI_NONAME, UnknownHostError, r"the name 'no-such-host\.invalid' has no address"),
        (socket.EAI_AGAIN, NoNetworkError, r"there is no way to no-such-host\.invalid"),
    ],
)
def test_a_name_that_cannot_be_looked_up_is_said(
    code: int, kind: type[Exception], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(*_: object, **__: object) -> None:
        raise socket.gaierror(code, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(kind, match=words):
        get("http://no-such-host.invalid/")


def test_a_name_server_that_is_silent_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look-up of a name has no timeout, and no socket that could be closed."""
    is_over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: is_over.wait(2 * LIMIT))
    begun = time.monotonic()
    with pytest.raises(TransportError, match="did not finish its answer within 1 s"):
        get("http://example.org/", SHORT)
    assert time.monotonic() - begun < LIMIT
    is_over.set()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/only/a/path",
        "ftp://127.0.0.1/",
        "https://",
        "http://[",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:port/",
        "http://127.0.0.1/ a\r\nX: y",
        "http://127.0.0.1/\xe9",
        f"http://{'a' * 70}.invalid/",
    ],
)
def test_an_address_that_cannot_be_asked_is_an_error(url: str) -> None:
    with pytest.raises(TransportError):
        get(url)


def test_a_port_without_a_server_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TransportError, match=r"127\.0\.0\.1 refuses connections"):
        get(f"http://127.0.0.1:{port}/")


# --- Proxies --------------------------------------------------------------------------------------


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Echo]:
    for name in ("no_proxy", "NO_PROXY", "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Echo(Given(body=b"by proxy")) as server:
        yield server


def test_a_proxy_of_the_environment_is_asked(proxy: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.address)
    assert get("http://example.invalid:81/a?b").body == b"by proxy"
    assert proxy.requests[0].target == "http://example.invalid:81/a?b"
    assert proxy.requests[0].headers["host"] == "example.invalid:81"


def test_a_host_without_a_proxy_is_asked_itself(
    proxy: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert get(proxy.address).body == b"by proxy"


def test_a_tunnel_is_asked_for_with_credentials_that_no_error_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refusal() -> Iterator[bytes | float]:
        yield b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"

    with HostileServer(refusal) as server:
        place = server.url.removeprefix("http://").partition("/")[0]
        monkeypatch.setenv("HTTPS_PROXY", f"http://ada:s%40cret@{place}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(TransportError, match="407") as caught:
            get("https://example.invalid/")
    assert server.requests[0].startswith(b"CONNECT example.invalid:443 ")
    assert b"Proxy-Authorization: Basic YWRhOnNAY3JldA==\r\n" in server.requests[0]
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(
    "proxy_url",
    [
        "socks5://ada:secret@127.0.0.1:1",
        "http://",
        "http://ada:secret@",
        "http://ada:secret/word@proxy.invalid",
        "ada:secret/word@proxy.invalid",
    ],
)
def test_a_proxy_that_cannot_be_used_is_said_without_its_password(
    proxy_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy_url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(TransportError, match="a proxy must have an http or https add") as caught:
        get("http://example.invalid/")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_does_not_answer_is_named(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"{scheme}://ada:secret@127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(TransportError, match=r"127\.0\.0\.1 refuses connections") as caught:
        get("http://example.invalid/")
    assert "secret" not in str(caught.value)


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    return make_certificate(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: tuple[Path, Path]) -> Iterator[str]:
    with Echo(Given(body=b"secret")) as server:
        server.encrypt(*authority)
        yield server.address.replace("http:", "https:")


def test_an_authority_of_ones_own_is_named_in_the_environment(
    secure: str, authority: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority[0]))
    assert get(secure).body == b"secret"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority[0].with_name("missing.pem")))
    with pytest.raises(TransportError, match="REQUESTS_CA_BUNDLE"):
        get(secure)


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: str) -> None:
    with pytest.raises(TransportError, match="has a certificate that cannot be verified"):
        get(secure)


def test_a_handshake_that_drips_ends_in_time() -> None:
    with HostileServer(hostile.dripped_for_ever(b"\x16\x03\x03\x40\x00", b"\x02")) as server:
        begun = time.monotonic()
        with pytest.raises(TransportError):
            get(server.url.replace("http:", "https:"), SHORT)
        assert time.monotonic() - begun < LIMIT
