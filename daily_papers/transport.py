"""One HTTP exchange that ends in time and fits in memory, whatever the other side does.

A timeout of a socket begins anew with each byte, so a server that drips holds a client for ever;
and `requests` has no bound for that, nor for what it decodes or for a redirect's body. So each
exchange has a thread of its own: whoever waits for it stops waiting when its time is over, and cuts
its wire. The rest is bounded by reading the body raw, in pieces: `http.client` takes no line longer
than 64 kB and no more than 100 headers, and the body is decoded here, no further than asked for.

Nothing is sent but what the caller gives: no cookies, no credentials. Redirects are the caller's.
"""

from __future__ import annotations

import email.utils
import errno
import socket
import ssl
import threading
import zlib
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy

from daily_papers import REPOSITORY_URL, __version__
from daily_papers.errors import excerpt

__all__ = [
    "NoNetworkError",
    "Request",
    "Response",
    "Timeouts",
    "Transport",
    "TransportError",
    "UnknownHostError",
    "retry_after",
]

USER_AGENT: Final = f"daily-papers/{__version__} (+{REPOSITORY_URL})"

REFUSAL_BYTES: Final = 64 * 1024
"""What is read of a response that is not a success: enough to see what it says."""

PIECE: Final = 64 * 1024
"""Bytes read at once, at most."""

THREAD: Final = "exchange"
"""What the thread of an exchange is called."""

_NO_ADDRESS: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5)})
_NO_NETWORK: Final = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH})
_FAILURES: Final = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    HTTPException,
    ValueError,
    zlib.error,
)
_TELLING: Final = (socket.gaierror, ssl.SSLError, TimeoutError, ConnectionError, IncompleteRead)
"""What says best why there is no response, wherever it is among the causes."""


class TransportError(Exception):
    """There is no whole response. The message completes "X could not be reached: …"."""


class UnknownHostError(TransportError):
    """The host has no address: asking again does not help."""


class NoNetworkError(TransportError):
    """There is no way to the host from this machine."""


class Timeouts(NamedTuple):
    """Seconds to wait for a connection, for the next bytes, and for a whole exchange."""

    connect: float = 10.0
    read: float = 60.0
    whole: float = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request."""

    method: str = "GET"
    url: str
    """An absolute address, `http` or `https`."""
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One response."""

    status: int
    headers: Mapping[str, str]
    """By name, in any case; several with one name are joined by commas."""
    body: bytes
    """Decoded. Longer than asked for by at least a byte if it was cut; empty for a redirect."""


class Transport:
    """Makes requests, each on a connection of its own.

    Proxies and authorities are taken from the environment, as `requests` does: `HTTPS_PROXY`,
    `HTTP_PROXY`, `NO_PROXY`; `REQUESTS_CA_BUNDLE`.
    """

    def exchange(self, request: Request, *, timeouts: Timeouts, most: int) -> Response:
        """Makes one request.

        Args:
            request: what to send.
            timeouts: how long to wait.
            most: bytes of a body, as sent and decoded, after which the rest is not read.

        Returns:
            The response, whatever its status.

        Raises:
            TransportError: there is no whole response.
        """
        exchange = _Exchange(request, timeouts, most)
        future: Future[Response] = Future()
        threading.Thread(target=exchange.run, args=[future], name=THREAD, daemon=True).start()
        try:
            return future.result(timeouts.whole)
        except TimeoutError:
            raise TransportError(
                f"{exchange.host} did not finish its answer within {timeouts.whole:.3g} s"
            ) from None
        finally:
            exchange.wire.cut()


class _Wire:
    """The socket of an exchange, by which another thread may end it at any time.

    It is a second handle on the connection: TLS takes the first one over, and a response forgets
    it.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._is_cut = False

    def hold(self, connected: socket.socket) -> None:
        self._socket = connected.dup()
        if self._is_cut:
            self.cut()

    def cut(self) -> None:
        self._is_cut = True
        if self._socket is not None:
            with suppress(OSError), self._socket as held:
                held.shutdown(socket.SHUT_RDWR)
                # Megabytes may have arrived that would still be read, line by line.
                held.settimeout(0)
                while held.recv(PIECE):
                    pass


class _RawResponse(HTTPResponse):
    """Refuses a length that is none, where urllib3 would leave the socket open."""

    def begin(self) -> None:
        super().begin()
        declared = ", ".join(self.headers.get_all("Content-Length", ()))
        if declared and not declared.isdecimal() and not self.chunked:
            raise HTTPException(f"Content-Length is {declared[:99]!r}")


class _Adapter(HTTPAdapter):
    """Makes connections whose socket a wire holds."""

    def __init__(self, wire: _Wire) -> None:
        super().__init__()  # It never tries again.
        self._wire = wire

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        wire = self._wire

        class Connection(pool.ConnectionCls):  # type: ignore[misc]
            response_class = _RawResponse

            def _new_conn(self) -> socket.socket:
                connected: socket.socket = super()._new_conn()
                wire.hold(connected)
                return connected

        pool.ConnectionCls = Connection
        return pool


class _Session(requests.Session):
    """Follows no redirect; `requests` would otherwise read its whole body even so."""

    def get_redirect_target(self, _response: requests.Response) -> None:
        return None


class _Exchange:
    """One exchange, which a thread runs and another may end."""

    def __init__(self, request: Request, timeouts: Timeouts, most: int) -> None:
        self._timeouts, self._most = timeouts, most
        self.wire = _Wire()
        headers = {
            "Accept-Encoding": "gzip",
            "Connection": "close",
            "User-Agent": USER_AGENT,
            **request.headers,
        }
        try:
            # Prepared without a session, a request gets no credentials of `~/.netrc`.
            self._request = requests.Request(
                request.method, request.url, headers=headers, data=request.body
            ).prepare()
            parts = urlsplit(self._request.url or "")
        except (ValueError, requests.RequestException) as error:
            raise TransportError(f"{excerpt(str(error))} ({excerpt(request.url)!r})") from error
        if parts.scheme not in {"http", "https"}:
            raise TransportError(f"this is not an http or https address: {excerpt(request.url)!r}")
        self.host = str(parts.hostname)

    def run(self, future: Future[Response]) -> None:
        """Fills `future` with the response or the error."""
        try:
            future.set_result(self._run())
        except BaseException as error:  # noqa: BLE001 - raised where the future is waited for
            future.set_exception(error)
        finally:
            del future  # An error's traceback holds this frame; it must not hold the error.

    def _run(self) -> Response:
        url = self._request.url or ""
        peer = self.host
        try:
            with _Session() as session:
                settings = session.merge_environment_settings(
                    url, {}, stream=True, verify=None, cert=None
                )
                if proxy := select_proxy(url, settings["proxies"]):
                    peer = _proxy_host(proxy)
                session.mount(url, _Adapter(self.wire))
                with session.send(
                    self._request, timeout=self._timeouts[:2], allow_redirects=False, **settings
                ) as response:
                    return self._response(response)
        except _FAILURES as error:
            raise self._told(error, peer) from error
        except OSError as error:  # All others come as one of those.
            raise TransportError(
                f"REQUESTS_CA_BUNDLE cannot be used: {excerpt(str(error))}"
            ) from error

    def _response(self, response: requests.Response) -> Response:
        status = response.status_code
        is_redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
        most = self._most if status < HTTPStatus.MULTIPLE_CHOICES else REFUSAL_BYTES
        return Response(
            status=status,
            headers=response.headers,
            body=b"" if is_redirect else _body(response, most),
        )

    def _told(self, error: Exception, peer: str) -> TransportError:
        """Returns what went wrong as a sentence that names the host."""
        causes = _causes(error)
        if isinstance(error, requests.exceptions.InvalidURL):
            return TransportError(excerpt(str(causes[0])))
        first = next((cause for cause in causes if isinstance(cause, _TELLING)), causes[0])
        if isinstance(first, socket.gaierror) and first.errno in _NO_ADDRESS:
            return UnknownHostError(
                f"the name {peer!r} has no address; check the network connection and the name"
            )
        if isinstance(first, socket.gaierror) or getattr(first, "errno", 0) in _NO_NETWORK:
            return NoNetworkError(f"there is no way to {peer}; check the network connection")
        if isinstance(first, ConnectionRefusedError):
            return TransportError(f"{peer} refuses connections; check the address")
        if any(isinstance(cause, urllib3.exceptions.ConnectTimeoutError) for cause in causes):
            return TransportError(
                f"{peer} accepted no connection within {self._timeouts.connect:.3g} s; check the "
                "network connection"
            )
        match first:
            case TimeoutError():
                what = f"sent nothing for {self._timeouts.read:.3g} s; it may be overloaded"
            case ssl.SSLCertVerificationError():
                what = f"has a certificate that cannot be verified: {first.verify_message}"
            case ConnectionError() | IncompleteRead():
                what = "closed the connection before its answer was whole"
            case _:
                what = f"sent no usable HTTP response: {excerpt(str(first) or repr(first))}"
        return TransportError(f"{self.host} {what}")


def _proxy_host(proxy: str) -> str:
    """Returns the host of a proxy.

    Raises:
        TransportError: the address cannot be used. It is not shown, since it may hold a password.
    """
    with suppress(urllib3.exceptions.LocationParseError):
        place = urllib3.util.parse_url(proxy if "://" in proxy else f"http://{proxy}")
        if place.scheme in {"http", "https"} and place.host:
            return place.host
    raise TransportError(
        "a proxy must have an http or https address, as in http://proxy.example.org:3128; check "
        "HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"
    )


def _causes(error: BaseException) -> list[BaseException]:
    """Returns `error` and what led to it, the first cause first."""
    chain: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in chain:
        chain.append(found)
        found = found.__cause__ or found.__context__
    return chain[::-1]


def _body(response: requests.Response, most: int) -> bytes:
    """Reads a body, decoded, until it is longer than `most`.

    Raises:
        HTTPException: it ends too early, or is not encoded as it should be.
        urllib3.exceptions.HTTPError: likewise.
        zlib.error: likewise.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise HTTPException(f"Content-Encoding is {encoding[:99]!r}, which was not asked for")
    # Not urllib3's decoder: it reads on for as long as nothing comes out.
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None
    body, received = bytearray(), 0
    while piece := response.raw.read1(PIECE, decode_content=False):
        received += len(piece)
        body += inflater.decompress(piece, most + 1 - len(body)) if inflater else piece
        if len(body) > most:
            return bytes(body)
        if received > most:
            raise HTTPException(f"it is compressed, and longer than {most:,} bytes even so")
        if inflater and inflater.unused_data:
            raise HTTPException("something follows its compressed body")
    if inflater and not inflater.eof:
        raise IncompleteRead(b"")
    return bytes(body)


def retry_after(response: Response, now: datetime) -> float:
    """Returns the seconds that the header `Retry-After` asks for (RFC 9110, section 10.2.3)."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return 0.0
