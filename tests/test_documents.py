"""What the documents say must be so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from daily_papers.inputs import declarations, read_inputs

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")


def test_the_readme_lists_every_input() -> None:
    rows = [
        f"| `{declared.name}` | {_default(declared.name, declared.default)} "
        f"| {cell(declared.help)} |"
        for declared in declarations()
    ]
    assert "\n".join(["| --- | --- | --- |", *rows]) in README


def _default(name: str, default: str) -> str:
    if name == "keywords":
        return "required"
    if name == "github-token":
        return "the job's token"
    return f"`{default}`" if default else ""


def test_the_readme_lists_every_output() -> None:
    outputs = YAML(typ="safe").load(ROOT / "action.yml")["outputs"]
    rows = [f"| `{name}` | {cell(output['description'])} |" for name, output in outputs.items()]
    assert "\n".join(["| --- | --- |", *rows]) in README


def test_the_workflow_of_the_readme_has_inputs_that_work() -> None:
    (workflow,) = re.findall(r"^   ```yaml\n(.*?)^   ```$", README, re.DOTALL | re.MULTILINE)
    (job,) = YAML(typ="safe").load(workflow)["jobs"].values()
    (step,) = job["steps"]
    environ = {f"INPUT_{name.upper()}": value for name, value in step["with"].items()}
    inputs = read_inputs([], {**environ, "INPUT_GITHUB-TOKEN": "x"})
    assert [topic.heading for topic in inputs.keywords] == [
        "Graph Neural Networks",
        "Time Series",
        "Recommendation",
    ]


@pytest.mark.parametrize(
    "text",
    re.findall(r"^\| `([^`]+)` \| [A-Z]", README.split("## Troubleshooting")[1], re.MULTILINE),
)
def test_every_error_of_the_readme_is_one_that_the_program_gives(text: str) -> None:
    said = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("daily_papers", "tests/standins")
        for path in (ROOT / folder).rglob("*.py")
    )
    said = re.sub(r'"\s*f?"', "", said)  # Messages are written over several lines.
    assert re.sub(r"\d+$", "", text) in said


def test_local_links_of_the_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target
