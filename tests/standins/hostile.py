"""Servers that speak HTTP badly on purpose, byte by byte, over real sockets.

Each script is a generator of the bytes to send; a number is a pause in seconds. A script may be
endless: it stops when the client disconnects.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Self

__all__ = ["SCRIPTS", "HostileServer", "Script"]

Script = Callable[[], Iterator[bytes | float]]

DRIP = 0.05
"""Seconds between two bytes of a server that drips: no timeout of a socket is as short."""

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/atom+xml\r\n"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\n"


class HostileServer:
    """Plays a script to each client, on a free port of 127.0.0.1."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self.requests: list[bytes] = []
        self.sent = 0
        """Bytes that clients were sent."""

    @property
    def url(self) -> str:
        """The address to ask."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}/api/query"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._closing.is_set():
                client, _ = self._listening.accept()
                threading.Thread(target=self._play, args=[client], daemon=True).start()

    def _play(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(10)
            self.requests.append(client.recv(65_536))
            for piece in self._script():
                if self._closing.is_set():
                    return
                if isinstance(piece, float):
                    self._closing.wait(piece)
                else:
                    client.sendall(piece)
                    self.sent += len(piece)


def dripped(data: bytes) -> Iterator[bytes | float]:
    """Some bytes, one by one."""
    for byte in data:
        yield bytes([byte])
        yield DRIP


def dripped_for_ever(start: bytes, piece: bytes) -> Script:
    """A beginning, then the same piece again and again, slowly."""

    def script() -> Iterator[bytes | float]:
        yield start
        while True:
            yield piece
            yield DRIP

    return script


def poured(start: bytes, piece: bytes) -> Script:
    """A beginning, then the same piece again and again, as fast as it goes."""

    def script() -> Iterator[bytes | float]:
        yield start
        yield from repeat(piece * (65_536 // len(piece) + 1))

    return script


def _silence() -> Iterator[bytes | float]:
    yield 60.0


def _gzip_of_empty_blocks() -> Iterator[bytes | float]:
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    yield OK + b"Content-Encoding: gzip\r\n\r\n" + compressor.compress(b"")
    while True:
        yield compressor.flush(zlib.Z_FULL_FLUSH) or b"\0\0\0\xff\xff" * 10_000


def _bomb() -> Iterator[bytes | float]:
    yield OK + b"Content-Encoding: gzip\r\n\r\n"
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    while True:
        yield compressor.compress(bytes(4_000_000))


_NAMED = gzip.compress(b"")[:3] + b"\x08" + gzip.compress(b"")[4:10]
"""The beginning of a gzip header that has a file's name in it."""

SCRIPTS: dict[str, Script] = {
    "silence": _silence,
    "100 Continue, dripped": dripped_for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "100 Continue, poured": poured(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a status line, dripped": lambda: dripped(b"HTTP/1.1 200 " + b"O" * 60_000),
    "a status line, poured": poured(b"HTTP/1.1 200 ", b"O"),
    "headers, dripped": dripped_for_ever(OK, b"X"),
    "one header, poured": poured(OK + b"X: ", b"x"),
    "headers, poured": poured(OK, b"X: x\r\n"),
    "a body, dripped": dripped_for_ever(OK + b"\r\n", b" "),
    "a body, poured": poured(OK + b"\r\n", b" "),
    "a chunk's extension, dripped": dripped_for_ever(
        OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"
    ),
    "a chunk's extension, poured": poured(OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
    "chunks of one byte, poured": poured(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "trailers, dripped": dripped_for_ever(
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: x\r\n"
    ),
    "trailers, poured": poured(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: x\r\n"),
    "gzip of empty blocks": _gzip_of_empty_blocks,
    "gzip of an endless name": poured(OK + b"Content-Encoding: gzip\r\n\r\n" + _NAMED, b"x"),
    "gzip of endless members": poured(
        OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"", mtime=0)
    ),
    "gzip of gigabytes": _bomb,
    "a redirect's body, dripped": dripped_for_ever(MOVED + b"\r\n", b" "),
    "a redirect's body, poured": poured(MOVED + b"\r\n", b" "),
    "a refusal's body, poured": poured(b"HTTP/1.1 503 No\r\n\r\n", b" "),
    "a redirect's headers, dripped": dripped_for_ever(MOVED, b"X"),
    "not HTTP": poured(b"", b"SSH-2.0-OpenSSH\r\n"),
}
"""By name, each way to hold or to fill a client."""
