"""`make docs`: writes everything that repeats what `inputs.py` and `outcome.py` declare.

That is `action.yml`, the tables of the README and of `docs/inputs.md`, and the variables of a
fork's workflow: what is written by hand in several places is soon different in each. The tables are
in regions, each between two markers, as the papers are in a user's README.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Final

from daily_papers.declaration import Declaration, Group
from daily_papers.inputs import declarations
from daily_papers.outcome import OUTPUTS
from daily_papers.publish.splice import read_document
from daily_papers.views import markdown

ROOT: Final = Path(__file__).parent.parent

_WITH: Final = "        with:\n"
_INDENT: Final = " " * 10
_SET: Final = re.compile(rf"(?m)(?:^{_INDENT}#.*\n)*^{_INDENT}(?P<name>[a-z-]+): .*\n")
"""A line of the workflow that sets an input, and the comments above it."""


COMMON: Final = (
    *("keywords", "exclude", "categories", "max-papers", "interests", "columns", "layout"),
    *("site", "feed", "notify", "publish", "timezone"),
)
"""The inputs that most users set, which the README shows."""

EXAMPLES: Final = {
    "keywords": "Graph Neural Networks",
    "exclude": "survey",
    "categories": "cs, stat.ML",
    "config": "daily-papers.toml",
    "max-papers": "30",
    "sort-by": "published",
    "interests": "references.bib",
    "zotero-key": "${{ secrets.ZOTERO_KEY }}",
    "picks": "5",
    "columns": "title+abstract, date",
    "readme": "docs/papers.md",
    "marker": "robotics",
    "title": "Robot papers",
    "data-file": ".github/robotics.json",
    "layout": "list",
    "pages": "always",
    "pages-dir": "topics",
    "feed": "docs/feeds/",
    "site": "docs",
    "archive": "archive",
    "trends": "true",
    "notify": "none",
    "notify-services": "${{ secrets.NOTIFY_SERVICES }}",
    "notify-days": "mon, thu",
    "notify-papers": "50",
    "notify-labels": "daily-papers, reading",
    "notify-keep": "1",
    "summaries": "https://api.deepseek.com",
    "summaries-model": "deepseek-chat",
    "summaries-key": "${{ secrets.SUMMARIES_KEY }}",
    "summaries-language": "German",
    "summaries-limit": "100",
    "publish": "pull-request",
    "branch": "gh-pages",
    "commit-message": "{new} new papers on {date}",
    "timezone": "Europe/Berlin",
    "github-token": "${{ secrets.PAPERS_TOKEN }}",
    "arxiv-url": "https://arxiv.example.org/api/query",
    "requests": "per-topic",
    "announcements": "never",
    "announcements-url": "https://arxiv.example.org/atom",
    "time-limit": "1200",
    "stale-after": "14",
}
"""A value for each input, as in a workflow."""


def with_reference(readme: bytes) -> bytes:
    """Returns the README with its tables as they are declared now."""
    common = (one for one in declarations() if one.name in COMMON)
    tables = {
        "inputs": markdown.table(("Input", "Default", "Meaning"), map(_input_row, common)),
        "outputs": markdown.table(
            ("Output", "Meaning"),
            ((f"`{name}`", _cell(meaning)) for name, meaning in OUTPUTS.items()),
        ),
    }
    for marker, table in tables.items():
        readme = _with_region(readme, marker, table)
    return readme


def with_all_inputs(page: bytes) -> bytes:
    """Returns `docs/inputs.md` with all inputs, a table for each group, as declared now."""
    header = ("Input", "Default", "Meaning", "Example")
    blocks = []
    for group in Group:
        rows = [
            (*_input_row(one), f"`{EXAMPLES[one.name]}`")
            for one in declarations()
            if one.group is group
        ]
        blocks.append(f"### {group}\n\n{markdown.table(header, rows)}")
    return _with_region(page, "inputs", "\n\n".join(blocks))


def _with_region(page: bytes, marker: str, content: str) -> bytes:
    document = read_document(page, path="", marker=marker)
    return document.with_content(f"\n{content}\n\n".encode())


def _input_row(declared: Declaration) -> tuple[str, str, str]:
    default = f"`{declared.default}`" if declared.default else ""
    if declared.required:
        default = "required"
    if declared.name == "github-token":
        default = "the job's token"
    return f"`{declared.name}`", default, _cell(declared.help)


def _cell(text: str) -> str:
    """Returns a text of ours as Markdown; unlike a stranger's, it has neither TeX nor markup."""
    return html.escape(text, quote=False).replace("|", "\\|")


def with_declarations(action: str) -> str:
    """Returns `action.yml` with its inputs and outputs as they are declared now.

    Args:
        action: the file as it is. What is above `inputs:` and from `runs:` on stays.
    """
    head = action[: action.index("inputs:\n")]
    tail = action[action.index("runs:\n") :]
    inputs = "\n".join(map(_input_block, declarations()))
    outputs = "\n".join(
        f"  {name}:\n    description: {_quoted(meaning)}" for name, meaning in OUTPUTS.items()
    )
    return f"{head}inputs:\n{inputs}\n\noutputs:\n{outputs}\n\n{tail}"


def _input_block(declared: Declaration) -> str:
    lines = [f"  {declared.name}:", f"    description: {_quoted(declared.help)}"]
    if declared.required:
        lines.append("    required: true")
    if declared.name == "github-token":
        lines.append("    default: ${{ github.token }}")
    elif declared.default:
        lines.append(f"    default: {_quoted(declared.default)}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Returns a text as a scalar of YAML, of which JSON is a part."""
    return json.dumps(text, ensure_ascii=False)


def with_variables(workflow: str) -> str:
    """Returns the workflow of forks with a variable, or a secret, for each input but the token.

    Args:
        workflow: the file as it is. A line that sets a declared input stays, with the comments
            above it.
    """
    head, start, body = workflow.rpartition(_WITH)
    lines = {found["name"]: found[0] for found in _SET.finditer(body)}
    for one in declarations():
        if one.name != "github-token":
            name = f"DAILY_PAPERS_{one.name.upper().replace('-', '_')}"
            value = f"{'secrets' if one.secret else 'vars'}.{name}"
            lines.setdefault(one.name, f"{_INDENT}{one.name}: ${{{{ {value} }}}}\n")
    return head + start + "".join(lines.get(one.name, "") for one in declarations())


def main() -> None:
    """Writes the files that are not as they should be."""
    readme, action = ROOT / "README.md", ROOT / "action.yml"
    workflow = ROOT / ".github/workflows/daily-papers.yml"
    inputs = ROOT / "docs/inputs.md"
    wanted = {
        readme: with_reference(readme.read_bytes()),
        inputs: with_all_inputs(inputs.read_bytes()),
        action: with_declarations(action.read_text()).encode(),
        workflow: with_variables(workflow.read_text()).encode(),
    }
    for file, data in wanted.items():
        if file.read_bytes() != data:
            file.write_bytes(data)


if __name__ == "__main__":
    main()
