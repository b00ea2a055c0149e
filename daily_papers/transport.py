"""One HTTP exchange that ends in time and fits in memory, whatever the other side does.

A timeout of a socket begins anew with each byte, so a server that drips holds a client for ever;
and no library bounds a header, a chunk or a redirect's body in time. So each exchange has a thread
of its own: whoever waits for it stops waiting when its time is over, and hangs up. `http.client`
bounds the rest: no line is longer than 64 kB, and no response has more than 100 headers.

Nothing is sent but what the caller gives: no cookies, no credentials. Redirects are the caller's.
"""

from __future__ import annotations

import base64
import email.utils
import errno
import os
import socket
import ssl
import threading
import zlib
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi

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

REFUSAL_BYTES: Final = 64 * 1024
"""What is read of a response that is no success: enough for what it says."""

PIECE: Final = 64 * 1024
"""Bytes read at once, at most."""

THREAD: Final = "exchange"
"""What the thread of an exchange is called."""

_NO_ADDRESS: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5)})
_NO_NETWORK: Final = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH})


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
    headers: Message
    """By name, in any case; of several with one name, `get` returns the first."""
    body: bytes
    """Decoded. Longer than asked for by at least a byte if it was cut; empty for a redirect."""


class Transport:
    """Makes requests, each on a connection of its own.

    Proxies and authorities are taken from the environment: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`;
    `REQUESTS_CA_BUNDLE` or `SSL_CERT_FILE`.
    """

    def __init__(self) -> None:
        self._context: ssl.SSLContext | None = None

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
        try:
            parts = urlsplit(request.url)
            if parts.scheme == "https" and self._context is None:
                self._context = _context()
            exchange = _Exchange(request, parts, timeouts, most, self._context)
        except (ValueError, OSError) as error:
            raise TransportError(f"{excerpt(str(error))} ({excerpt(request.url)!r})") from error
        future: Future[Response] = Future()
        threading.Thread(target=exchange.run, args=[future], name=THREAD, daemon=True).start()
        try:
            return future.result(timeouts.whole)
        except TimeoutError:
            raise TransportError(
                f"{parts.hostname} did not finish its answer within {timeouts.whole:.3g} s"
            ) from None
        finally:
            exchange.hang_up()


class _Exchange:
    """One exchange, which a thread runs and another may end."""

    def __init__(
        self,
        request: Request,
        parts: SplitResult,
        timeouts: Timeouts,
        most: int,
        context: ssl.SSLContext | None,
    ) -> None:
        self._request, self._timeouts, self._most = request, timeouts, most
        self._host = parts.hostname or ""
        self._connection, self._target = _route(parts, timeouts.connect, context)
        self._socket: socket.socket | None = None
        self._is_over = False

    def run(self, future: Future[Response]) -> None:
        """Fills `future` with the response or the error."""
        try:
            future.set_result(self._run())
        except Exception as error:  # noqa: BLE001 - raised where the future is waited for
            future.set_exception(error)
        finally:
            self._connection.close()
            del future  # An error's traceback holds this frame; it must not hold the error.

    def hang_up(self) -> None:
        """Ends the exchange, if it goes on."""
        self._is_over = True
        # The connection forgets its socket once the headers have been read.
        held = self._socket or self._connection.sock
        if held is not None:
            with suppress(OSError):
                socket.socket.shutdown(held, socket.SHUT_RDWR)
                # Megabytes may have arrived that would still be read, line by line.
                held.settimeout(0)
                while socket.socket.recv(held, PIECE):
                    pass

    def _run(self) -> Response:
        try:
            self._connect()
            return self._answer()
        except (OSError, HTTPException, ValueError, zlib.error) as error:
            raise self._told(error) from error

    def _connect(self) -> None:
        try:
            self._connection.connect()
        except TimeoutError as error:
            raise TransportError(
                f"{self._connection.host} accepted no connection within "
                f"{self._timeouts.connect:.3g} s; check the network connection"
            ) from error
        self._socket = self._connection.sock
        self._socket.settimeout(self._timeouts.read)
        if self._is_over:
            raise TransportError("the time is over")

    def _answer(self) -> Response:
        request = self._request
        self._connection.request(
            request.method,
            self._target,
            request.body,
            {"Accept-Encoding": "gzip", "Connection": "close", **request.headers},
        )
        with self._connection.getresponse() as response:
            is_redirect = HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST
            most = self._most if response.status == HTTPStatus.OK else REFUSAL_BYTES
            return Response(
                status=response.status,
                headers=response.headers,
                body=b"" if is_redirect else _body(response, most),
            )

    def _told(self, error: Exception) -> TransportError:
        """Returns what went wrong as a sentence that names the host."""
        peer = self._connection.host
        if isinstance(error, socket.gaierror) and error.errno in _NO_ADDRESS:
            return UnknownHostError(
                f"the name {peer!r} has no address; check the network connection and the name"
            )
        if isinstance(error, socket.gaierror) or getattr(error, "errno", 0) in _NO_NETWORK:
            return NoNetworkError(f"there is no way to {peer}; check the network connection")
        match error:
            case TimeoutError():
                what = f"sent nothing for {self._timeouts.read:.3g} s; it may be overloaded"
            case ssl.SSLCertVerificationError():
                what = f"has a certificate that cannot be verified: {error.verify_message}"
            case ConnectionRefusedError():
                what = "refuses connections; check the address"
            case ConnectionError() | IncompleteRead():
                what = "closed the connection before its answer was whole"
            case _:
                what = f"sent no usable HTTP response: {excerpt(str(error) or repr(error))}"
        return TransportError(f"{self._host} {what}")


def _route(
    parts: SplitResult, timeout: float, context: ssl.SSLContext | None
) -> tuple[HTTPConnection, str]:
    """Returns the connection on which to ask for an address, and what to ask for on it.

    Raises:
        ValueError: there is no such way.
    """
    host, port = parts.hostname, parts.port
    if not host or parts.scheme not in {"http", "https"}:
        raise ValueError("this is not an http or https address")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    proxy = _proxy(parts)
    if parts.scheme == "https":
        if proxy is None:
            return HTTPSConnection(host, port, timeout=timeout, context=context), target
        connection = HTTPSConnection(*_place(proxy), timeout=timeout, context=context)
        connection.set_tunnel(host, port, headers=_credentials(proxy))
        return connection, target
    if proxy is None:
        return HTTPConnection(host, port, timeout=timeout), target
    return HTTPConnection(*_place(proxy), timeout=timeout), f"http://{parts.netloc}{target}"


def _proxy(parts: SplitResult) -> SplitResult | None:
    """Returns the proxy that the environment names for an address, if any."""
    proxies = getproxies()
    named = proxies.get(parts.scheme) or proxies.get("all")
    if not named or proxy_bypass(parts.netloc):
        return None
    proxy = urlsplit(named if "://" in named else f"http://{named}")
    if proxy.scheme != "http" or not proxy.hostname:
        raise ValueError(f"a proxy must have an http address, not one of {proxy.scheme}")
    return proxy


def _place(proxy: SplitResult) -> tuple[str, int]:
    try:
        return proxy.hostname or "", proxy.port or 80
    except ValueError:  # Its words may be a part of the password.
        raise ValueError("the port in the proxy's address is no number") from None


def _credentials(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _context() -> ssl.SSLContext:
    """Returns what verifies certificates: by the authorities that are named, or the system's."""
    named = os.environ.get("REQUESTS_CA_BUNDLE")
    if named:
        is_folder = os.path.isdir(named)  # noqa: PTH112 - as OpenSSL takes it
        try:
            context = ssl.create_default_context(
                cafile=None if is_folder else named, capath=named if is_folder else None
            )
        except OSError as error:
            raise ValueError(f"REQUESTS_CA_BUNDLE cannot be read: {error}") from error
    else:
        context = ssl.create_default_context()
        if not context.cert_store_stats()["x509_ca"]:  # Python for macOS has none of its own.
            context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def _body(response: HTTPResponse, most: int) -> bytes:
    """Reads a body, decoded, until it is longer than `most`.

    Raises:
        HTTPException: it ends too early, or is not encoded as it should be.
        zlib.error: likewise.
    """
    declared = response.headers.get("Content-Length")
    if declared is not None and response.length is None and not response.chunked:
        raise HTTPException(f"Content-Length is {declared[:99]!r}")
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise HTTPException(f"Content-Encoding is {encoding[:99]!r}, which was not asked for")
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None
    body, received = bytearray(), 0
    while piece := response.read1(PIECE):
        received += len(piece)
        body += inflater.decompress(piece, most + 1 - len(body)) if inflater else piece
        if len(body) > most:
            return bytes(body)
        if received > most:
            raise HTTPException(f"it is compressed, and longer than {most:,} bytes even so")
        if inflater and inflater.unused_data:
            raise HTTPException("something follows its compressed body")
    if response.length or (inflater and not inflater.eof):
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
