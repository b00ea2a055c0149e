"""A real second implementation is asked: the HTTP server of llama.cpp, in C++.

Its model is made here, and knows one sentence. `pip install xllamacpp` brings the server; without
it these tests are skipped.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from daily_papers.memory.summaries import SummariesResult
from daily_papers.summaries.client import Settings, summarise
from tests.standins.gguf import model_of
from tests.support import FakeClock, paper

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None, reason="needs the package xllamacpp"
)

SENTENCE = "GraphSAGE learns on a sample of the neighbours and needs a third of the time."
PAPER = paper(
    title="GraphSAGE, faster",
    summary="We let GraphSAGE learn on a sample of neighbours, in a third of the time — 🎓.",
)
KEY = "sk-sesame-5f7e"
SERVER = """
import sys
import xllamacpp
parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.n_ctx = 8192
parameters.port = 0
parameters.warmup = False
parameters.cpuparams.n_threads = 1
parameters.api_keys = [sys.argv[2]]
server = xllamacpp.Server(parameters)
print("\\nlistening on", server.listening_address, flush=True)
sys.stdin.read()
"""


def serve(folder: Path, content: str) -> Iterator[str]:
    """Serves a model that writes `content`, whatever it is asked."""
    (folder / "model.gguf").write_bytes(model_of(content))
    command = [sys.executable, "-c", SERVER, str(folder / "model.gguf"), KEY]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as server,
    ):
        try:
            assert server.stdout
            address = next(
                (line.split()[2] for line in server.stdout if line.startswith("listening on ")), ""
            )
            assert address, (folder / "log").read_text(errors="replace")
            yield f"{address}/v1"
        finally:
            server.kill()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve(tmp_path_factory.mktemp("good"), f'{{"sentence": "{SENTENCE}"}}')


@pytest.fixture(scope="module")
def rambling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    content = '{"sentence": "I am sorry, but I cannot help with that."}'
    yield from serve(tmp_path_factory.mktemp("rambling"), content)


def ask(url: str, key: str = KEY, language: str = "English") -> SummariesResult:
    settings = Settings(url=url, model="one-sentence", key=key, language=language)
    return summarise([PAPER], settings, FakeClock(), 1e9)


def test_it_takes_the_first_form_of_request_and_its_sentence_is_shown(good: str) -> None:
    result = ask(good)
    assert result.note == ""
    assert result.summaries[PAPER.arxiv_id].text == SENTENCE
    assert result.failures == 0
    assert result.tokens > 500  # A token of this model is a byte.


def test_what_its_model_writes_is_held_to_the_paper(rambling: str) -> None:
    result = ask(rambling)
    assert result.summaries[PAPER.arxiv_id].text == ""
    assert (result.shown, result.failures) == (0, 1)


def test_it_does_not_let_in_a_wrong_key(good: str) -> None:
    result = ask(good, key="sk-wrong")
    assert (result.summaries, result.failures) == ({}, 1)
