"""XML as a weapon: a clear error, no request to anybody, and memory within stated bounds.

Every attack goes through the whole program. Those that aim at memory do so in a process of its
own, whose peak is measured.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daily_papers.arxiv import feed
from tests.standins.arxiv import ArxivStandIn
from tests.standins.server import Fault, LoopbackServer, Request, Response
from tests.support import entry, run_main

MEGABYTE = 1024 * 1024
PEAK = 160 * MEGABYTE
"""No attack makes a run take more; an ordinary one takes about a quarter of it."""
TREE_FACTOR = 48
"""No answer makes a tree of more bytes for each of its own, however dense it is."""

SECRET = "the-secret-of-the-machine"
ROOT = Path(__file__).parent.parent

NOT_WELL_FORMED = "arXiv's answer is not well-formed XML"
DTD = "arXiv's answer holds a document type declaration"
TOO_LARGE = f"arXiv's answer is larger than {feed.MAX_BYTES:,} bytes"

TEN_TIMES_EACH = "".join(f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(9))
LAUGHS = f"<!DOCTYPE feed [<!ENTITY a0 'ha'>{TEN_TIMES_EACH}]>"
QUADRATIC = f"<!DOCTYPE feed [<!ENTITY a '{'x' * 100_000}'>]>"


def atom(
    dtd: str = "", *, title: str = "t", inside: str = "", declared: str = "UTF-8", more: str = ""
) -> str:
    """A feed with one paper, to be attacked in any of its parts."""
    return (
        f"<?xml version='1.0' encoding='{declared}'?>\n{dtd}"
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:arxiv='http://arxiv.org/schemas/atom'"
        f" xmlns:opensearch='http://a9.com/-/spec/opensearch/1.1/' {more}>"
        "<updated>2025-10-03T00:00:00Z</updated>"
        "<opensearch:totalResults>1</opensearch:totalResults>"
        "<opensearch:startIndex>0</opensearch:startIndex>"
        f"{inside}<entry><id>http://arxiv.org/abs/2510.00001v1</id><title>{title}</title>"
        "<summary>s</summary><author><name>n</name></author><category term='cs.LG'/>"
        "<published>2025-10-02T00:00:00Z</published><updated>2025-10-02T00:00:00Z</updated>"
        "</entry></feed>"
    )


def sent(body: bytes, status: int = 200, **headers: str) -> Fault:
    """A fault that answers with `body` as if it were a feed."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    response = Response(
        status=status,
        headers={"Content-Type": "application/atom+xml; charset=utf-8", **given},
        body=body,
        framing="chunked",
        drip=0.0001,
    )
    return lambda _request, _response: response


@pytest.fixture
def arxiv() -> Iterator[ArxivStandIn]:
    with ArxivStandIn([entry(1)]) as arxiv:
        yield arxiv


class Canary(LoopbackServer):
    """A server that nobody has a reason to visit."""

    def answer(self, _request: Request) -> Response:
        return Response(body=SECRET.encode())


@pytest.fixture
def canary() -> Iterator[Canary]:
    with Canary() as canary:
        yield canary


# --- What is refused ------------------------------------------------------------------------------


def refused(arxiv: ArxivStandIn, folder: Path, fault: Fault, words: str) -> None:
    """Runs the program against an attack, and holds it to a clear error and nothing else."""
    arxiv.faults.extend([fault] * 4)
    result = run_main(
        folder,
        {"keywords": "Graph Neural Networks", "publish": "local", "arxiv-url": arxiv.url},
        {"GITHUB_WORKSPACE": str(folder / "workspace")},
    )
    assert result.exit_code == 1
    (error,) = (line for line in result.log.splitlines() if line.startswith("::error::"))
    assert re.search(words, error)
    assert len(error) < 500
    assert "Traceback" not in result.log
    assert SECRET not in result.log
    assert not (folder / "workspace").exists()


HIDDEN = "<!-- <feed -->"
"""A comment that looks as if the document type declaration could come no more."""

REFUSED = {
    "entities that explode": (atom(LAUGHS, title="&a9;").encode(), DTD),
    "entities that explode, hidden": (atom(HIDDEN + LAUGHS, title="&a9;").encode(), DTD),
    "entities that explode in an attribute": (atom(LAUGHS, more="x='&a9;'").encode(), DTD),
    "entities that grow": (atom(QUADRATIC, title="&a;" * 20_000).encode(), DTD),
    "entities that grow, hidden": (atom(HIDDEN + QUADRATIC, title="&a;" * 20_000).encode(), DTD),
    "entity of itself": (atom("<!DOCTYPE feed [<!ENTITY a '&a;'>]>", title="&a;").encode(), DTD),
    "empty declaration": (atom("<!DOCTYPE feed>").encode(), DTD),
    "defaults of attributes": (
        atom(HIDDEN + "<!DOCTYPE feed [<!ATTLIST category term CDATA 'x'>]>").encode(),
        DTD,
    ),
    "UTF-16": (atom(LAUGHS, title="&a9;", declared="UTF-16").encode("utf-16"), NOT_WELL_FORMED),
    "UTF-16 without a mark": (
        atom(LAUGHS, title="&a9;", declared="UTF-16LE").encode("utf-16-le"),
        NOT_WELL_FORMED,
    ),
    "UTF-32": (atom(LAUGHS, title="&a9;", declared="UTF-32").encode("utf-32"), NOT_WELL_FORMED),
    "UTF-7": (
        atom(LAUGHS, title="&a9;", declared="UTF-7").replace("<", "+ADw-").encode(),
        NOT_WELL_FORMED,
    ),
    "UTF-7 after the declaration": (
        atom("+ADwAIQ-DOCTYPE feed>", declared="UTF-7").encode(),
        NOT_WELL_FORMED,
    ),
    "EBCDIC": (atom(LAUGHS, title="&a9;", declared="CP037").encode("cp037"), NOT_WELL_FORMED),
    "Latin-1": (atom(title="é", declared="ISO-8859-1").encode("latin-1"), NOT_WELL_FORMED),
    "a letter of too many bytes": (
        atom(title="X").encode().replace(b"X", b"\xc0\xbc"),
        NOT_WELL_FORMED,
    ),
    "half a surrogate": (
        atom(title="X").encode().replace(b"X", b"\xed\xa0\x80"),
        NOT_WELL_FORMED,
    ),
    "NUL": (atom(title="a\0b").encode(), NOT_WELL_FORMED),
    "NUL as a reference": (atom(title="&#0;").encode(), NOT_WELL_FORMED),
    "control character": (atom(title="\x1b[2J").encode(), NOT_WELL_FORMED),
    "unknown entity": (atom(title="&nbsp;").encode(), NOT_WELL_FORMED),
    "deep nesting": (atom(inside="<a>" * 9999 + "</a>" * 9999).encode(), NOT_WELL_FORMED),
    "an attribute twice": (atom(more="a='1' a='2'").encode(), NOT_WELL_FORMED),
    "nothing": (b"", NOT_WELL_FORMED),
    "nothing but a mark": (b"\xef\xbb\xbf", NOT_WELL_FORMED),
    "a feed of another kind": (b"<rss version='2.0'/>", "not an Atom feed but <rss>"),
    "a total that is not a number": (
        atom().replace(">1</open", ">1e9</open").encode(),
        "lacks a usable field",
    ),
}


@pytest.mark.parametrize("body,words", REFUSED.values(), ids=REFUSED)
def test_an_attack_is_a_clear_error(
    arxiv: ArxivStandIn, tmp_path: Path, body: bytes, words: str
) -> None:
    refused(arxiv, tmp_path, sent(body), words)


@pytest.mark.parametrize("status", [400, 503])
def test_a_refusal_may_be_an_attack(arxiv: ArxivStandIn, tmp_path: Path, status: int) -> None:
    body = atom(HIDDEN + LAUGHS, title="&a9;").encode()
    refused(arxiv, tmp_path, sent(body, status), f"arXiv answered with status {status}: <.xml")


@pytest.mark.parametrize("hidden", ["", HIDDEN])
@pytest.mark.parametrize(
    "dtd",
    [
        "<!DOCTYPE feed [<!ENTITY x SYSTEM '{url}'>]>",
        "<!DOCTYPE feed PUBLIC '-//X//X' '{url}'>",
        "<!DOCTYPE feed SYSTEM '{url}' [<!ENTITY x 'y'>]>",
        "<!DOCTYPE feed [<!ENTITY % p SYSTEM '{url}'> %p; <!ENTITY x 'y'>]>",
        "<!DOCTYPE feed [<!ENTITY % q '<!ENTITY x SYSTEM \"{url}\">'> %q;]>",
    ],
)
@pytest.mark.parametrize("place", ["file", "http"])
def test_nobody_is_visited(
    arxiv: ArxivStandIn, canary: Canary, tmp_path: Path, dtd: str, place: str, hidden: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    url = secret.as_uri() if place == "file" else f"{canary.address}/x.dtd"
    refused(arxiv, tmp_path, sent(atom(hidden + dtd.format(url=url), title="&x;").encode()), DTD)
    assert canary.requests == []


def test_instructions_and_inclusions_are_no_part_of_a_paper(
    arxiv: ArxivStandIn, canary: Canary, tmp_path: Path
) -> None:
    body = atom(
        f"<?xml-stylesheet href='{canary.address}/x.xsl' type='text/xsl'?>",
        title="Gra<!-- a comment --><?an instruction?>phs",
        inside=(
            "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' parse='text'"
            f" href='{canary.address}/x.txt'/>"
        ),
        more=(
            "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
            f" xsi:schemaLocation='x {canary.address}/x.xsd'"
        ),
    )
    (paper,) = feed.parse(body.encode()).papers
    assert paper.title == "Graphs"
    arxiv.faults.append(sent(body.encode()))
    run_main(
        tmp_path,
        {"keywords": "Graph Neural Networks", "publish": "plan", "arxiv-url": arxiv.url},
    )
    assert canary.requests == []


@pytest.mark.parametrize("declared", ["UTF-16", "UTF-7", "ISO-8859-1", "CP037", "none-such"])
def test_a_declaration_that_lies_changes_no_letter(declared: str) -> None:
    (paper,) = feed.parse(atom(title="Fréchet +ADw-", declared=declared).encode()).papers
    assert paper.title == "Fréchet +ADw-"


def test_a_declaration_in_a_text_is_text() -> None:
    (paper,) = feed.parse(atom(title="On &lt;!DOCTYPE html>").encode()).papers
    assert paper.title == "On <!DOCTYPE html>"


# --- Memory ---------------------------------------------------------------------------------------

CHILD = """
import json, resource, sys
from pathlib import Path
from tests.support import run_main

folder = Path(sys.argv[1])
flags = {"keywords": "Graph Neural Networks", "publish": "local", "arxiv-url": sys.argv[2]}
result = run_main(folder, flags, {"GITHUB_WORKSPACE": str(folder / "workspace")})
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([result.exit_code, result.log, kilobytes * 1024]))
"""

PARSER = """
import resource, sys
from daily_papers import errors
from daily_papers.arxiv import feed

body = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    feed.parse(body)
except errors.FeedError:
    pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""

# The peak that Linux reports begins with that of the process which started this one, so a small
# one is in between.
BETWEEN = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"


def python(code: str, *arguments: str, stdin: bytes = b"") -> str:
    """Runs `code` in a process whose measured peak is its own, and gives what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", BETWEEN, sys.executable, "-c", code, *arguments],
        input=stdin,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        check=True,
        timeout=60,
    )
    return done.stdout.decode()


def huge(size: int) -> bytes:
    return atom(inside="X").encode().replace(b"X", b" " * size)


MEMORY = {
    "entities that explode": (lambda: sent(atom(LAUGHS, title="&a9;").encode()), DTD),
    "entities that grow": (lambda: sent(atom(QUADRATIC, title="&a;" * 20_000).encode()), DTD),
    "deep nesting": (lambda: sent(atom(inside="<a>" * 5_000_000).encode()), NOT_WELL_FORMED),
    "a long text": (lambda: sent(atom(title="x" * 30_000_000).encode()), NOT_WELL_FORMED),
    "a long name": (lambda: sent(atom(inside=f"<{'x' * 30_000_000}/>").encode()), NOT_WELL_FORMED),
    "200 MB": (lambda: sent(huge(200 * MEGABYTE)), TOO_LARGE),
    "200 MB with status 503": (lambda: sent(huge(200 * MEGABYTE), 503), "status 503"),
    "200 MB, compressed": (
        lambda: sent(gzip.compress(huge(200 * MEGABYTE), 1), Content_Encoding="gzip"),
        TOO_LARGE,
    ),
    "200 MB, compressed twice": (
        lambda: sent(
            gzip.compress(gzip.compress(huge(200 * MEGABYTE), 1), 1), Content_Encoding="gzip, gzip"
        ),
        "Content-Encoding is 'gzip, gzip'",
    ),
}


@pytest.mark.parametrize("make,words", MEMORY.values(), ids=MEMORY)
def test_memory_is_bounded(
    arxiv: ArxivStandIn, tmp_path: Path, make: Callable[[], Fault], words: str
) -> None:
    arxiv.faults.extend([make()] * 4)
    exit_code, log, peak = json.loads(python(CHILD, str(tmp_path), arxiv.url))
    assert peak < PEAK
    assert re.search(f"::(error|warning)::.*{words}", log)
    assert (exit_code, "Traceback" in log) == (1, False)


DENSE = {
    "empty elements": atom(inside="<a/>" * 1_000_000),
    "elements with an attribute": atom(inside="<a b=''/>" * 400_000),
    "elements with a letter": atom(inside="<a>x</a>" * 500_000),
    "elements in elements": atom(inside="<id><b/></id>" * 300_000),
    "entries": atom(inside="<entry/>" * 500_000),
    "attributes": atom(more=" ".join(f"a{number}=''" for number in range(300_000))),
}


@pytest.mark.parametrize("text", DENSE.values(), ids=DENSE)
def test_no_tree_is_much_larger_than_its_text(text: str) -> None:
    body = text.encode()
    assert int(python(PARSER, stdin=body)) < TREE_FACTOR * len(body)
