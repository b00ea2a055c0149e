"""The job summary: what a run found and did, on the workflow run's own page."""

from __future__ import annotations

from daily_papers import markdown
from daily_papers.errors import DailyPapersError
from daily_papers.outcome import Outcome

__all__ = ["render", "render_error"]


def render(outcome: Outcome) -> str:
    """Gives what a run found and did, as GitHub's Markdown."""
    news = {news.heading: news for news in outcome.digest.topics}
    rows = [
        (
            markdown.inline(section.heading),
            str(len(section.papers)),
            str(len(news[section.heading].new)),
            str(len(news[section.heading].revised)),
            "fresh",
        )
        for section in outcome.snapshot.sections
    ]
    table = markdown.table(("Topic", "Papers", "New", "Revised", "State"), rows)
    deed = markdown.inline(outcome.deed())
    if outcome.commit:
        deed += f" {markdown.link('See the commit.', outcome.commit.url)}"
    return f"## Daily Papers\n\n{table}\n\n{deed}\n\n"


def render_error(error: DailyPapersError) -> str:
    """Gives an error's message and hint, as GitHub's Markdown."""
    lines = "\n".join(f"> {markdown.inline(line)}<br>" for line in str(error).split("\n"))
    return f"## Daily Papers could not run\n\n{lines}\n\n"
