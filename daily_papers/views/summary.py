"""The job summary: what a run found and did, on the workflow run's own page."""

from __future__ import annotations

from daily_papers import REPOSITORY_URL
from daily_papers.answers import Listed
from daily_papers.arxiv.calendar import why_nothing_was_announced
from daily_papers.errors import ArxivError, DailyPapersError
from daily_papers.memory.news import TopicNews
from daily_papers.outcome import Outcome
from daily_papers.views import markdown

__all__ = ["render", "render_error"]


def render(outcome: Outcome) -> str:
    """Returns what a run found and did, as GitHub's Markdown."""
    rows = [
        (
            markdown.inline(news.heading),
            str(len(section.papers)),
            str(len(news.new)),
            str(len(news.revised)),
            markdown.inline(_state(outcome, news)),
        )
        for section, news in zip(outcome.snapshot.sections, outcome.news.topics, strict=True)
    ]
    table = markdown.table(("Topic", "Papers", "New", "Revised", "State"), rows)
    deed = markdown.inline(outcome.deed())
    if outcome.issues:
        told = ", ".join(f"#{number}" for number in outcome.issues)
        deed += f" Told watchers in {told}."
    if outcome.commit:
        deed += f" {markdown.link('See the commit.', outcome.commit.url)}"
    parts = ["## Daily Papers", table, deed, *_next_steps(outcome)]
    return "\n\n".join(parts) + "\n\n"


def _next_steps(outcome: Outcome) -> list[str]:
    """Says after a first run what it leaves to the user, in paragraphs; mostly in none."""
    if not outcome.is_first or not outcome.applied or not outcome.commit:
        return []
    if url := outcome.commit.pull_request_url:
        link = markdown.link("Merge the pull request", url)
        steps = [f"{link}; the page begins with it.", _watch("Pull requests")]
    else:
        steps = [f"{markdown.link('Look at the page', outcome.page_url)}."]
        if outcome.site:
            steps.append(_publish(outcome.site))
        if outcome.refusal:
            steps.append(markdown.inline(" ".join(outcome.refusal.hint.split())))
        if outcome.refusal or outcome.issues:
            steps.append(_watch("Issues"))
    return ["### What is left to do", "\n".join(f"1. {step}" for step in steps)]


def _publish(folder: str) -> str:
    if folder == "docs":
        return (
            "To publish the web page, open **Settings → Pages**, choose the branch and its folder "
            "`/docs`, and click **Save**."
        )
    how = markdown.link("how to publish it", f"{REPOSITORY_URL}/blob/main/docs/web-page.md")
    return f"The web page is in {markdown.inline(folder)}; see {how} from there."


def _watch(what: str) -> str:
    return (
        "To get a mail about new papers, of your own repository as well, click **Watch** at the "
        f"top of its page, then **Custom**, and choose **{what}**."
    )


def _state(outcome: Outcome, news: TopicNews) -> str:
    """Says how a topic stands, and where it has nothing new, why."""
    reply = outcome.replies[news.heading]
    if isinstance(reply, Listed):
        return f"{reply.error.message}; with the announcements of {reply.day.isoformat()}"
    if isinstance(reply, ArxivError):
        return reply.message
    if not reply.papers:
        return "arXiv has no papers on this topic yet"
    if news.new or news.revised or outcome.is_first:
        return "fresh"
    return why_nothing_was_announced(outcome.now) or "nothing new on this topic"


def render_error(error: DailyPapersError) -> str:
    """Returns an error's message and hint, as GitHub's Markdown."""
    lines = "\n".join(f"> {markdown.inline(line)}<br>" for line in str(error).split("\n"))
    return f"## Daily Papers failed\n\n{lines}\n\n"
