"""Stand-ins for services that are told of new papers: three by HTTP, and a mail server.

Slack's incoming webhooks, Discord's webhooks and Telegram's bots are imitated as far as a message
goes: each checks what its original refuses (no text, one that is too long, markup that Telegram
cannot parse), and keeps what it took. The mail server is a real one, `aiosmtpd`.

Not imitated: limits on the rate of requests (script 429 as a fault), attachments, other methods.
"""

from __future__ import annotations

import html.parser
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self
from unittest.mock import patch

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram

from tests.standins.server import LoopbackServer, Request, Response

__all__ = ["DISCORD", "SLACK", "TELEGRAM", "MailStandIn", "ServicesStandIn", "ids_in"]

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
DISCORD = "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/12315544"

_TELEGRAM_TAGS = {"b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote"}


class ServicesStandIn(LoopbackServer):
    """Slack, Discord, Telegram and a webhook; `told` has what each took, by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, list[str]] = {
            name: [] for name in ("slack", "discord", "telegram", "json")
        }
        self.payloads: dict[str, list[dict[str, Any]]] = {name: [] for name in self.told}
        self.down: set[str] = set()
        """The services that answer 503, and take nothing."""

    @property
    def json(self) -> str:
        """The address of a service that takes JSON, as Apprise takes it."""
        return f"{self.address.replace('http', 'json')}/json"

    def __enter__(self) -> Self:
        """Lets Apprise's own plugins talk to this server."""
        self._patches: list[Any] = [
            patch.object(NotifySlack, "webhook_url", f"{self.address}/slack/services"),
            patch.object(NotifyDiscord, "notify_url", f"{self.address}/discord/api/webhooks"),
            patch.object(NotifyTelegram, "notify_url", f"{self.address}/telegram/bot"),
            # Apprise pauses between two messages to a service.
            *(
                patch.object(plugin, "request_rate_per_sec", 0)
                for plugin in (NotifySlack, NotifyDiscord, NotifyTelegram)
            ),
        ]
        for each in self._patches:
            each.start()
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()
        for each in self._patches:
            each.stop()

    def answer(self, request: Request) -> Response:
        name = request.path.split("/")[1]
        if request.method != "POST" or name not in self.told:
            return Response(status=404)
        if name in self.down:
            return Response(status=503)
        payload = json.loads(request.body)
        text, problem = getattr(self, f"_{name}")(payload)
        if problem:
            body = json.dumps({"ok": False, "description": problem}).encode()
            return Response(status=400, body=body)
        self.told[name].append(text)
        self.payloads[name].append(payload)
        return Response(body=b"ok" if name == "slack" else b'{"ok": true, "result": {}}')

    def _slack(self, payload: dict[str, Any]) -> tuple[str, str]:
        (attachment,) = payload["attachments"]
        text = attachment["text"]
        return text, "" if text and len(text) <= 40_000 else "no_text"

    def _discord(self, payload: dict[str, Any]) -> tuple[str, str]:
        text = payload["content"]
        return text, "" if 0 < len(text) <= 2_000 else "Must be 2000 or fewer in length."

    def _json(self, payload: dict[str, Any]) -> tuple[str, str]:
        return payload["message"], ""

    def _telegram(self, payload: dict[str, Any]) -> tuple[str, str]:
        text = payload["text"]
        assert payload["parse_mode"] == "HTML"
        reader = _TelegramReader()
        reader.feed(text)
        reader.close()
        if reader.problem or reader.open:
            return text, f"Bad Request: can't parse entities: {reader.problem or reader.open}"
        if not 0 < len(reader.shown.encode("utf-16-le")) // 2 <= 4_096:
            return text, "Bad Request: message is too long"
        return text, ""


class _TelegramReader(html.parser.HTMLParser):
    """Reads what Telegram's HTML style allows (https://core.telegram.org/bots/api#html-style)."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.shown = ""
        self.problem = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TELEGRAM_TAGS or [name for name, _ in attrs if name != "href"]:
            self.problem = f"unsupported start tag {tag!r}"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problem = f"unexpected end tag {tag!r}"

    def handle_data(self, data: str) -> None:
        self.shown += data


@dataclass
class MailStandIn:
    """A mail server with one user, which keeps what it is sent."""

    user: str = "papers"
    password: str = "s3cret-Passw0rd"
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append(envelope)
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        known = (self.user.encode(), self.password.encode())
        return AuthResult(success=(data.login, data.password) == known)

    @property
    def address(self) -> str:
        """As Apprise takes it."""
        return (
            f"mailto://{self.user}:{self.password}@127.0.0.1:{self.port}"
            "?from=papers@example.org&to=group@example.org&mode=insecure"
        )

    @contextmanager
    def serving(self) -> Iterator[MailStandIn]:
        """Serves on a free port of 127.0.0.1."""
        with socket.create_server(("127.0.0.1", 0)) as free:  # `Controller` takes no port 0.
            self.port = free.getsockname()[1]
        controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            authenticator=self.authenticate,
            auth_require_tls=False,
            auth_required=True,
        )
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


def ids_in(text: str) -> list[str]:
    """The papers that a message lists, in their order."""
    return re.findall(r"arXiv:(\d{4}\.\d{5})", text)
