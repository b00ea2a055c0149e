"""`make docs`: writes the README's tables of inputs and outputs from what is declared.

The tables stand in regions, each between two markers, as the papers do in a user's README.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ruamel.yaml import YAML

from daily_papers.inputs import Declaration, declarations
from daily_papers.publish.splice import read_document
from daily_papers.views import markdown

ROOT: Final = Path(__file__).parent.parent


def with_reference(readme: bytes, action: Path) -> str:
    """Gives the README with its tables as they are declared now.

    Args:
        readme: the README as it is.
        action: the file that declares the outputs.
    """
    outputs = YAML(typ="safe").load(action)["outputs"]
    tables = {
        "inputs": markdown.table(("Input", "Default", "Meaning"), map(_input_row, declarations())),
        "outputs": markdown.table(
            ("Output", "Meaning"),
            (
                (f"`{name}`", markdown.inline(output["description"]))
                for name, output in outputs.items()
            ),
        ),
    }
    for marker, table in tables.items():
        page = read_document(readme, path="README.md", marker=marker)
        readme = page.with_content(f"\n{table}\n\n").encode()
    return readme.decode()


def _input_row(declared: Declaration) -> tuple[str, str, str]:
    default = f"`{declared.default}`" if declared.default else ""
    if declared.required:
        default = "required"
    if declared.secret:
        default = "the job's token"
    return f"`{declared.name}`", default, markdown.inline(declared.help)


def main() -> None:
    """Writes the README, if anything in it has changed."""
    readme = ROOT / "README.md"
    before = readme.read_bytes()
    after = with_reference(before, ROOT / "action.yml").encode()
    if after != before:
        readme.write_bytes(after)


if __name__ == "__main__":
    main()
