"""A small HTTP server on loopback that logs what it is asked and can misbehave by script.

A stand-in derives from `LoopbackServer` and defines `answer`. Requests are kept in `requests`.
`faults` is a script: each request takes the next fault from its front, if there is one, and the
fault turns the right response into the wrong one. A fault that is `None` lets one request pass.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qsl, urlsplit

__all__ = [
    "Fault",
    "LoopbackServer",
    "Request",
    "Response",
    "changed",
    "make_certificate",
    "with_status",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived."""

    method: str
    path: str
    """The path without its query string, still percent-encoded."""
    query: dict[str, str]
    """The decoded query parameters; the last one wins if a name occurs twice."""
    target: str
    """The request line's target, undecoded."""
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes
    started: float
    """`time.monotonic()` when the request had been read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer, and the manner in which it is delivered."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    framing: Literal["length", "chunked", "close"] = "length"
    """How the body's end is told: by `Content-Length`, by chunks, or by closing the connection."""
    stall: float = 0.0
    """Seconds of silence before the status line."""
    cut: int | None = None
    """Close the connection after so many bytes of the body."""
    stall_inside: float = 0.0
    """Seconds of silence in the middle of the body."""
    drip: float = 0.0
    """Seconds between pieces of one sixteenth of the body."""
    reset: bool = False
    """Reset the connection (RST) in place of any answer."""


Fault = Callable[[Request, Response], Response]
"""Turns the right response to a request into the one that is sent."""


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Makes a certificate for 127.0.0.1 and its key, which nobody trusts, by `openssl`."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", key, "-out", certificate, "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


class LoopbackServer(ABC):
    """Serves `answer` on a free port of 127.0.0.1 while its `with` block runs."""

    def __init__(self) -> None:
        """Binds the port; `start` (or `with`) begins to serve."""
        self.requests: list[Request] = []
        self.faults: deque[Fault | None] = deque()
        self.errors: list[Exception] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def address(self) -> str:
        """The server's root, as in `http://127.0.0.1:40123`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def encrypt(self, certificate: Path, key: Path) -> None:
        """Speaks TLS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    @abstractmethod
    def answer(self, request: Request) -> Response:
        """Returns the right response to `request`. Calls never overlap."""

    def start(self) -> Self:
        """Begins to serve, in a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stops serving, frees the port and re-raises the first error of `answer`, if any."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self.errors:
            raise self.errors[0]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def respond(self, request: Request) -> Response:
        """Logs `request` and returns its response, changed by the next fault of the script."""
        with self._lock:
            self.requests.append(request)
            fault = self.faults.popleft() if self.faults else None
            try:
                response = self.answer(request)
            except Exception as error:  # noqa: BLE001 - kept for `stop`, which raises it
                self.errors.append(error)
                return Response(status=500, body=repr(error).encode())
        return fault(request, response) if fault else response

    def pause(self, seconds: float) -> None:
        """Waits `seconds`, or until the server stops."""
        self._closing.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, standin: LoopbackServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.standin = standin

    def handle_error(self, request: object, client_address: object) -> None:
        """Logs nothing: clients may disconnect in the middle of a response."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_method(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            started=time.monotonic(),
        )
        with contextlib.suppress(ConnectionError):
            self._deliver(self.server.standin.respond(request))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = handle_method  # noqa: N815

    def _deliver(self, response: Response) -> None:
        self.server.standin.pause(response.stall)
        if response.reset:
            # Lingering for zero seconds makes the kernel send RST in place of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.framing == "length":
            self.send_header("Content-Length", str(len(response.body)))
        elif response.framing == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self._write_body(response)
        self.close_connection = self.close_connection or response.framing == "close"

    def _write_body(self, response: Response) -> None:
        body = response.body if response.cut is None else response.body[: response.cut]
        pieces = max(2, 16 if response.drip else 2)
        size = max(1, -(-len(body) // pieces))
        for number, begin in enumerate(range(0, len(body), size)):
            if number:
                self.server.standin.pause(response.drip or response.stall_inside)
            piece = body[begin : begin + size]
            if response.framing == "chunked":
                piece = b"%x\r\n%b\r\n" % (len(piece), piece)
            self.wfile.write(piece)
            self.wfile.flush()
        if response.cut is not None:
            self.close_connection = True
        elif response.framing == "chunked":
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Logs nothing: `requests` is the log."""


def with_status(status: int, body: str = "", **headers: str) -> Fault:
    """A fault that answers `status` with a plain-text body in place of the right answer.

    Underscores in the names of `headers` mean hyphens.
    """
    given = {name.replace("_", "-"): value for name, value in headers.items()}

    def fault(_request: Request, _response: Response) -> Response:
        return Response(
            status=status, headers={"Content-Type": "text/plain", **given}, body=body.encode()
        )

    return fault


def changed(**changes: object) -> Fault:
    """A fault that delivers the right answer with fields of `Response` changed."""
    return lambda _request, response: replace(response, **changes)  # type: ignore[arg-type]
