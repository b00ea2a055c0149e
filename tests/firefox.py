"""Headless Firefox, Debian's own, by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/).

Playwright drives only a Firefox of its own making. What the tests need is little: go to a page, run
JavaScript in it, type, and hear its complaints.
"""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.needs import FIREFOX

_PREFERENCES: Final = """
user_pref("app.update.disabledForTesting", true);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("dom.events.testing.asyncClipboard", true);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.dns.disablePrefetch", true);
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.enabled", false);
"""


class _WebSocket:
    """A client of RFC 6455, as far as one browser on loopback needs it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET /session HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n"
        )
        self._socket.sendall(request.encode())
        self._file = self._socket.makefile("rb")
        assert b" 101 " in self._file.readline()
        while self._file.readline() != b"\r\n":
            pass

    def send(self, text: str) -> None:
        data = text.encode()
        size = len(data)
        length = struct.pack(">B", 128 | size) if size < 126 else struct.pack(">BH", 254, size)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        self._socket.sendall(b"\x81" + length + mask + masked)

    def receive(self) -> str:
        data = b""
        while True:
            first, second = self._file.read(2)
            length = second & 127
            if length == 126:
                (length,) = struct.unpack(">H", self._file.read(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self._file.read(8))
            piece = self._file.read(length)
            if first & 15 in {0, 1}:
                data += piece
                if first & 128:
                    return data.decode()

    def close(self) -> None:
        self._file.close()
        self._socket.close()


LEFT: Final = f"status={0x804B0002}"
"""In what Firefox says of a typeface that was still loading when its page was left. It is the code
NS_BINDING_ABORTED (https://searchfox.org/mozilla-central/source/xpcom/base/ErrorList.py)."""


@dataclass
class Firefox:
    """One browser with one page."""

    socket: _WebSocket
    context: str = ""
    complaints: list[str] = field(default_factory=list)
    _number: int = 0

    def call(self, method: str, **params: Any) -> Any:
        """Sends a command, and returns its result."""
        self._number += 1
        self.socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.receive())
            if message.get("method") == "log.entryAdded":
                entry = message["params"]
                if entry["level"] in {"error", "warn"} and LEFT not in entry["text"]:
                    self.complaints.append(entry["text"])
            elif message.get("id") == self._number:
                assert message["type"] == "success", message
                return message["result"]

    def open(self, url: str) -> None:
        self.call("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def run(self, expression: str) -> Any:
        """Returns what an expression gives, which may be a promise."""
        result = self.call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self.context},
            awaitPromise=True,
        )
        assert result["type"] == "success", result
        value = result["result"].get("value")
        return None if value is None else json.loads(value)

    def wait_for(self, expression: str) -> None:
        """Waits until an expression is true."""
        self.run(
            "new Promise((resolve, reject) => { const begun = performance.now();"
            f" const look = () => {{ if ({expression}) resolve(true);"
            " else if (performance.now() - begun > 60000) reject(new Error('never true'));"
            " else setTimeout(look, 20); }; look(); })"
        )

    def press(self, *keys: str) -> None:
        """Types keys where the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call(
            "input.performActions",
            context=self.context,
            actions=[{"type": "key", "id": "keyboard", "actions": actions}],
        )


@contextmanager
def firefox() -> Iterator[Firefox]:
    """Starts a browser with a profile of its own, and ends it."""
    assert FIREFOX
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        Path(profile, "user.js").write_text(_PREFERENCES, encoding="utf-8")
        command = [FIREFOX, "--headless", "--remote-debugging-port=0", "--profile", profile]
        process = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "HOME": profile},
        )
        try:
            assert process.stderr
            lines = (re.search(r"BiDi listening on ws://[^:]+:(\d+)", x) for x in process.stderr)
            port = next(int(found[1]) for found in lines if found)
            with closing(_WebSocket(port)) as websocket:
                browser = Firefox(websocket)
                browser.call("session.new", capabilities={})
                (tree,) = browser.call("browsingContext.getTree", maxDepth=0)["contexts"]
                browser.context = tree["context"]
                browser.call("session.subscribe", events=["log.entryAdded"])
                yield browser
                browser.call("browser.close")
        finally:
            process.terminate()
            process.wait(20)
            assert process.stderr
            process.stderr.close()
