"""Tells services such as Slack, Telegram or a mail server what is new, by Apprise.

Everything that is known of Apprise is here. It is loaded when there are addresses, because that
takes most of a second. The addresses hold passwords, which Apprise's log and errors may repeat: all
of that is kept silent, and what failed is said here in our own words.
"""

from __future__ import annotations

import hashlib
import logging
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from daily_papers import REPOSITORY_URL
from daily_papers.errors import InputError
from daily_papers.memory.notices import Notice, joined, unsent
from daily_papers.views import digest_html, digest_text
from daily_papers.views.digest import Digest, Places, fitted

if TYPE_CHECKING:
    from apprise import NotifyBase

__all__ = ["Service", "ServiceError", "mark_of", "open_services", "secrets_of", "tell"]

CONNECT: Final = 10.0
"""Seconds to wait for a connection."""

READ: Final = 30.0
"""Seconds to wait for an answer. One that comes too late counts as none, and what was told after
all is then told again; so this is longer than Apprise's own four."""

MAX_MAIL: Final = 100_000
"""Bytes of a mail. Gmail hides what is beyond 102 kB
(https://www.caniemail.com/features/html-body/)."""

SUPPRESS_EMBEDS: Final = 1 << 2
"""Discord's flag for a message without a preview of each link
(https://discord.com/developers/docs/resources/message#message-object-message-flags)."""

LIKE_A_WORD: Final = re.compile(r"[a-z][a-z.-]{0,19}")
"""What is not a secret where it is a part of an address, and may be a word of any message."""

SHORTEST_SECRET: Final = 4
"""Characters. To mask shorter ones would spoil every message."""

MANNERS: Final = frozenset(
    {"cto", "emojis", "format", "optional", "overflow", "retry", "rto", "store", "tz"}
    | {"verify", "wait"}
)
"""Options of every address that say how a message is sent, and not to whom
(https://appriseit.com/getting-started/universal-syntax/)."""

_STATUS: Final = re.compile(r"\berror=(\d{3})\b")

_log = logging.getLogger(__name__)


class ServiceError(Exception):
    """A service did not take a message. The text says why, without anything of its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that can be told what is new."""

    name: str
    """Its name and the line of its address, as in `Slack (line 1 of notify-services)`."""
    mark: str
    """Names it in the data file. It tells nothing of the address."""
    is_mail: bool
    plugin: NotifyBase = field(repr=False)
    """Apprise's object, which knows the address."""

    def send(self, digest: Digest, places: Places) -> None:
        """Sends a digest in the form that the service shows best, cut to its limit.

        Raises:
            ServiceError: it did not take the digest, or not surely.
        """
        from apprise import NotifyFormat  # noqa: PLC0415 - see above

        forms: dict[Any, Callable[[Digest, Places], str]] = {
            NotifyFormat.HTML: digest_html.document if self.is_mail else digest_html.fragment,
            NotifyFormat.MARKDOWN: digest_text.markdown,
            NotifyFormat.TEXT: digest_text.text,
        }
        # A service resolves a format to itself if it has it, and the user wants no other.
        form = next(form for form in forms if self.plugin.resolve_format(form) is form)

        def size(part: Digest) -> int:
            # In bytes, as some services count; characters are never more.
            body = self.plugin.dialect_convert(forms[form](part, places), form)
            return len(f"{part.title}\n{body}".encode()) + _TITLE_MARKUP

        limit = MAX_MAIL if self.is_mail else self.plugin.body_maxlen
        body = forms[form](fitted(digest, size, limit), places)
        with _silenced() as statuses:
            try:
                is_sent = self.plugin.notify(body=body, title=digest.title, body_format=form)
            except Exception as error:  # noqa: BLE001 - each of a hundred plugins has its own
                raise ServiceError(type(error).__name__) from None
        if not is_sent:
            answered = f"it answered with status {statuses[-1]}" if statuses else ""
            raise ServiceError(answered or "it could not be reached, or it refused")


_TITLE_MARKUP: Final = 20
"""Bytes around a title that has to be a part of the body."""


# --- Telling


def tell(
    notices: Collection[Notice],
    services: Sequence[Service],
    *,
    owner: str,
    make_digest: Callable[[Notice], Digest],
    places: Places,
) -> Iterator[tuple[str, str]]:
    """Tells each service what it has not been told yet: all that waits in one message.

    Args:
        notices: what may have to be told.
        services: who is told.
        owner: the repository and the marker.
        make_digest: makes the digest of a notice.
        places: where all papers can be read.

    Yields:
        The key of each notice and the mark of the service, right after the service has taken it.
    """
    for service in services:
        waiting = unsent(notices, service.mark, owner=owner)
        together = [notice for notice in waiting if not notice.is_apart]
        groups = [[notice] for notice in waiting if notice.is_apart]
        for group in [*groups, together] if together else groups:
            digest = make_digest(joined(group))
            try:
                service.send(digest, places)
            except ServiceError as error:
                _log.warning(
                    "%s was not told of what is new; the next run tries again: %s",
                    service.name,
                    error,
                )
                continue
            _log.info("Told %s: %s", service.name, digest.title)
            yield from ((notice.key, service.mark) for notice in group)


# --- Addresses


def open_services(addresses: Sequence[str], *, owner: str) -> tuple[Service, ...]:
    """Returns the services at some addresses, each once.

    Args:
        addresses: what Apprise takes.
        owner: the repository and the marker, which salt the marks.

    Raises:
        InputError: Apprise does not take an address.
    """
    if not addresses:
        return ()
    with _silenced():  # It imports a module that Python is going to drop.
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - see above

    # Messages are ours, without Apprise's name and pictures, and nothing is kept on the disk.
    asset = AppriseAsset(
        app_id="Daily Papers",
        app_desc="New papers on arXiv",
        app_url=REPOSITORY_URL,
        image_url_mask="",
        image_url_logo="",
        image_path_mask=False,
        storage_mode="memory",
        allow_templates=False,
    )

    services: dict[str, Service] = {}
    problems = []
    for number, address in enumerate(addresses, 1):
        with _silenced():
            plugin = Apprise.instantiate(address, asset=asset)
        if plugin is None:
            problems.append(
                f"notify-services: line {number} is not an address that Apprise takes, such as "
                "slack://… or mailto://…; https://appriseit.com/services/ lists them. The line "
                "is not shown, because it may hold a password"
            )
            continue
        scheme = urlsplit(address).scheme.lower()
        _set_up(plugin, address)
        service = Service(
            name=f"{plugin.service_name} (line {number} of notify-services)",
            mark=mark_of(address, owner),
            is_mail=scheme in {"mailto", "mailtos"},
            plugin=plugin,
        )
        services.setdefault(service.mark, service)
    if problems:
        raise InputError(problems)
    return tuple(services.values())


def _set_up(plugin: NotifyBase, address: str) -> None:
    """Makes a service patient, and quiet about links."""
    from apprise.plugins.discord import NotifyDiscord  # noqa: PLC0415 - see above

    options = dict(parse_qsl(urlsplit(address).query))
    if "rto" not in options:
        plugin.socket_read_timeout = READ
    if "cto" not in options:
        plugin.socket_connect_timeout = CONNECT
    if isinstance(plugin, NotifyDiscord) and "flags" not in options:
        plugin.flags = SUPPRESS_EMBEDS


def mark_of(address: str, owner: str) -> str:
    """Returns what names a service in the data file.

    The password is not a part of it, so that a new one does not make a new service, and neither is
    how a message is sent. Whoever reads the data file can only guess an address and test the guess:
    that is made slow, and so few digits are kept that many wrong guesses fit as well.

    Args:
        address: what Apprise takes.
        owner: the repository and the marker, which are the salt.
    """
    parts = urlsplit(address)
    user, at, host = parts.netloc.rpartition("@")
    options = [(name, value) for name, value in parse_qsl(parts.query) if name not in MANNERS]
    place = f"{parts.scheme.lower()}://{user.partition(':')[0]}{at}{host}{parts.path.rstrip('/')}"
    told = f"{place}?{urlencode(sorted(options))}"
    digest = hashlib.scrypt(told.encode(), salt=owner.encode(), n=2**14, r=8, p=1, dklen=4)
    return digest.hex()


def secrets_of(address: str) -> list[str]:
    """Returns what must not be logged of an address: the whole, and the parts that may be secrets.

    A plain word is masked only where it is the name or the password of a user: `services` in the
    address of a webhook is none, and part of many messages.
    """
    parts = urlsplit(address)
    user, _, host = parts.netloc.rpartition("@")
    credentials = user.split(":")
    others = [host, *re.split("[/:@]", f"{host}/{parts.path}/{parts.fragment}")]
    others += [value for _, value in parse_qsl(parts.query)]
    others = [part for part in others if not LIKE_A_WORD.fullmatch(part)]
    found = [address, address.partition("://")[2], *credentials, *others]
    found += [unquote(part) for part in found]
    secrets = dict.fromkeys(part for part in found if len(part) >= SHORTEST_SECRET)
    return sorted(secrets, key=len, reverse=True)


class _Statuses(logging.Handler):
    """Keeps the HTTP statuses that Apprise logs, and nothing else of what it says."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found += _STATUS.findall(record.getMessage())


@contextmanager
def _silenced() -> Iterator[list[str]]:
    """Keeps Apprise from saying anything; the statuses that it would log are gathered."""
    statuses = _Statuses()
    logger = logging.getLogger("apprise")
    logger.handlers[:] = [statuses]
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # urllib3 warns of hosts without a certificate.
        yield statuses.found
