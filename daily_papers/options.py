"""The choices that some inputs offer, as values.

They are separate from `inputs`, so that a view can know a column without knowing all inputs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = [
    "MAX_LABEL",
    "Announcements",
    "Column",
    "Layout",
    "Notify",
    "Pages",
    "Publish",
    "Requests",
]

MAX_LABEL: Final = 50
"""Characters of a label. GitHub refuses a longer one
(https://docs.github.com/rest/issues/labels#create-a-label)."""


class Publish(StrEnum):
    """What happens to the result."""

    COMMIT = "commit"
    PULL_REQUEST = "pull-request"
    LOCAL = "local"
    PLAN = "plan"


class Pages(StrEnum):
    """When each topic gets a page of its own."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Notify(StrEnum):
    """How watchers are told of new papers."""

    ISSUE = "issue"
    NONE = "none"


class Requests(StrEnum):
    """How many topics one question to arXiv may be about."""

    COMBINED = "combined"
    PER_TOPIC = "per-topic"


class Announcements(StrEnum):
    """When arXiv's announcement feed is asked for a listing."""

    AUTO = "auto"
    NEVER = "never"


class Column(StrEnum):
    """A column of a topic's table."""

    TITLE = "title"
    DATE = "date"
    AUTHORS = "authors"
    ABSTRACT = "abstract"
    COMMENT = "comment"
    CATEGORIES = "categories"
    LINKS = "links"
    TITLE_ABSTRACT = "title+abstract"


class Layout(StrEnum):
    """How papers are laid out on pages of Markdown."""

    TABLE = "table"
    LIST = "list"
