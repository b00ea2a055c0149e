"""The job summary: what a run found and did, on the workflow run's own page."""

from __future__ import annotations

import re
from typing import Final

from daily_papers import REPOSITORY_URL, __version__
from daily_papers.answers import Listed
from daily_papers.arxiv.calendar import is_list_known, why_nothing_was_announced
from daily_papers.errors import ArxivError, DailyPapersError
from daily_papers.memory.news import TopicNews
from daily_papers.outcome import Outcome
from daily_papers.topics.describe import described, search_link
from daily_papers.views import markdown

__all__ = ["render", "render_error"]


MOST_TITLES: Final = 50
"""How many new papers the summary names."""

_TROUBLESHOOTING: Final = f"{REPOSITORY_URL}/blob/v{{version}}/docs/troubleshooting.md"


def render(outcome: Outcome) -> str:
    """Returns what a run found and did, as GitHub's Markdown."""
    rows = [
        (
            markdown.inline(topic.heading),
            markdown.link(described(topic.query), search_link(topic.query)),
            str(len(section.papers)),
            str(len(news.new)),
            str(len(news.revised)),
            markdown.inline(_state(outcome, news)),
        )
        for topic, section, news in zip(
            outcome.topics, outcome.snapshot.sections, outcome.news.topics, strict=True
        )
    ]
    table = markdown.table(("Topic", "Asks for", "Papers", "New", "Revised", "State"), rows)
    parts = [
        "## Daily Papers",
        _deed(outcome),
        *_next_steps(outcome),
        *_quiet(outcome),
        table,
        *_summaries(outcome),
        *_titles(outcome),
    ]
    return "\n\n".join(parts) + "\n\n"


def _deed(outcome: Outcome) -> str:
    """Returns what happened to the repository, and links to it."""
    links = {
        "page": outcome.page_url,
        "web page": outcome.site_url,
        "commit": outcome.commit.url if outcome.commit else "",
        **{f"issue #{number}": f"{outcome.issues_url}/{number}" for number in outcome.issues},
    }
    found = [markdown.link(name, url) for name, url in links.items() if url]
    return " · ".join([markdown.inline(outcome.deed()), *found])


def _summaries(outcome: Outcome) -> list[str]:
    """Returns what a model wrote and what it took, in a paragraph; none without a model."""
    result = outcome.summaries
    if not result.source:
        return []
    said = f"Summaries by {result.source}: {result.shown} new, {result.tokens:,} tokens"
    if result.failures:
        said += f", {result.failures} failed"
    return [markdown.inline(f"{said}; {result.note}." if result.note else f"{said}.")]


def _titles(outcome: Outcome) -> list[str]:
    """Returns the list of the new papers; nothing if there are none."""
    papers = {paper.arxiv_id: paper for topic in outcome.news.topics for paper in topic.new}
    if not papers:
        return []
    lines = [
        f"- {markdown.link(paper.title, paper.abs_url)}"
        for paper in list(papers.values())[:MOST_TITLES]
    ]
    if len(papers) > MOST_TITLES:
        lines.append(f"- and {len(papers) - MOST_TITLES} more")
    return ["### New papers", "\n".join(lines)]


def _quiet(outcome: Outcome) -> list[str]:
    """Returns why nothing is new, and since when, in a paragraph; none where something is new."""
    if outcome.is_first or outcome.news.new_ids:
        return []
    count, failed = len(outcome.replies), len(outcome.failed)
    if failed == count:
        why = "arXiv gave no usable answer for any topic"
    elif failed:
        why = (
            f"arXiv gave no usable answer for {failed} of {count} topics, and the others have none"
        )
    else:
        why = why_nothing_was_announced(outcome.now) or "arXiv has no new papers on these topics"
    sentences = [f"No new papers: {why}."]
    if last := max(outcome.snapshot.found.values(), default=None):
        sentences.append(f"The last new one came on {last:%A}, {last.isoformat()}.")
    if not is_list_known(outcome.now.date()):
        sentences.append(
            f"arXiv's list of holidays for {outcome.now.year} is not known to this version, so "
            "that a holiday looks like any other day."
        )
    return [markdown.inline(" ".join(sentences))]


def _next_steps(outcome: Outcome) -> list[str]:
    """Returns what the user still has to do after a first run; usually nothing."""
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
    """Returns the state of a topic and, if it has nothing new, why."""
    reply = outcome.replies[news.heading]
    if isinstance(reply, Listed):
        return f"{reply.error.message}; with arXiv's listing of {reply.day.isoformat()}"
    if isinstance(reply, ArxivError):
        return reply.message
    if not reply.papers:
        return "no papers match this query"
    if news.new or news.revised or outcome.is_first:
        return "fresh"
    return why_nothing_was_announced(outcome.now) or "nothing new on this topic"


def render_error(error: DailyPapersError) -> str:
    """Returns an error's message and hint, as GitHub's Markdown.

    They are fenced, so that a caret stays below its place and YAML keeps its indentation.
    """
    text = str(error)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=2))
    fence = max(fence, "```", key=len)
    advice = f"{_TROUBLESHOOTING.format(version=__version__)}#{error.section}"
    return (
        f"## Daily Papers failed\n\n{fence}text\n{text}\n{fence}\n\n"
        f"{markdown.link('Troubleshooting', advice)} says more.\n\n"
    )
