"""The job summary: what a run found and did, on the workflow run's own page."""

from __future__ import annotations

from daily_papers import markdown
from daily_papers.announcements import Announced
from daily_papers.calendar import why_nothing_was_announced
from daily_papers.errors import ArxivError, DailyPapersError
from daily_papers.outcome import Outcome
from daily_papers.snapshot import News

__all__ = ["render", "render_error"]


def render(outcome: Outcome) -> str:
    """Gives what a run found and did, as GitHub's Markdown."""
    rows = [
        (
            markdown.inline(news.heading),
            str(len(section.papers)),
            str(len(news.new)),
            str(len(news.revised)),
            markdown.inline(_state(outcome, news)),
        )
        for section, news in zip(outcome.snapshot.sections, outcome.digest.topics, strict=True)
    ]
    table = markdown.table(("Topic", "Papers", "New", "Revised", "State"), rows)
    deed = markdown.inline(outcome.deed())
    if outcome.issues:
        told = ", ".join(f"#{number}" for number in outcome.issues)
        deed += f" Told watchers in {told}."
    if outcome.commit:
        deed += f" {markdown.link('See the commit.', outcome.commit.url)}"
    return f"## Daily Papers\n\n{table}\n\n{deed}\n\n"


def _state(outcome: Outcome, news: News) -> str:
    """Says how a topic stands, and where it has nothing new, why."""
    reply = outcome.replies[news.heading]
    if isinstance(reply, Announced):
        return f"{reply.error.message}; with the announcements of {reply.day.isoformat()}"
    if isinstance(reply, ArxivError):
        return reply.message
    if news.new or news.revised or outcome.is_first:
        return "fresh"
    return why_nothing_was_announced(outcome.now) or "nothing new on this topic"


def render_error(error: DailyPapersError) -> str:
    """Gives an error's message and hint, as GitHub's Markdown."""
    lines = "\n".join(f"> {markdown.inline(line)}<br>" for line in str(error).split("\n"))
    return f"## Daily Papers failed\n\n{lines}\n\n"
