"""What a model writes becomes one bounded sentence of plain text, or nothing."""

from __future__ import annotations

import gzip
import json
import os
import time
from pathlib import Path

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from daily_papers.memory.summaries import MAX_TEXT, MAX_TITLE, Summary
from daily_papers.papers import Paper
from daily_papers.summaries.language import is_english, is_in
from daily_papers.summaries.sentence import MAX_CONTENT, UnusableError, read_sentence
from daily_papers.views import tex
from daily_papers.views.saying import Saying, attributed, saying
from tests.support import paper

GRAPHS = paper(
    title="GraphSAGE at Scale: On Large Graphs",
    summary=(
        "Graph neural networks are slow on large graphs. We propose to sample neighbours of each "
        "node, train GraphSAGE on 12,500 graphs, and reach an accuracy of 93.27 % at a third of "
        "the cost, as the work of Smith et al. did not."
    ),
)
GOOD = "GraphSAGE samples neighbours of each node and reaches an accuracy of 93.27 % on graphs."


def read(sentence: object, language: str = "English", paper: Paper = GRAPHS, **rest: object) -> str:
    content = json.dumps({"sentence": sentence, **rest})
    return read_sentence(content, paper, language)[0]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"sentence": GOOD}),
        json.dumps({"sentence": GOOD, "confidence": 1}),
        f"```json\n{json.dumps({'sentence': GOOD}, indent=1)}\n```",
        f"```\n{json.dumps({'sentence': GOOD})}\n```\n",
        f"<think>\nThey want JSON: {{}}\n</think>\n\n{json.dumps({'sentence': GOOD})}",
        f"<think>{'long ' * 5_000}</think>{json.dumps({'sentence': GOOD})}",
    ],
)
def test_the_sentence_is_found_in_the_forms_that_models_write(content: str) -> None:
    assert read_sentence(content, GRAPHS, "English") == (GOOD, None)


@pytest.mark.parametrize(
    "written,shown",
    [
        (f"  {GOOD}\n", GOOD),
        (GOOD.replace(" and", "\tand\u2028"), GOOD),
        (GOOD.replace("Graph", "Gr\u200baph\u202e\x00"), GOOD.replace("Graph", "Graph ")),
        (GOOD.replace("node", "\ud800node"), GOOD),
        (GOOD.replace("node", "[node](https://evil.example/x)"), GOOD),
        (GOOD.replace("node", "![node](javascript:alert(1))"), GOOD),
        (f"{GOOD} See https://evil.example/now!", GOOD),
        (GOOD.replace("node", "node https://evil.example"), GOOD),
        (GOOD.replace("node", "node www.evil.example/x"), GOOD),
        (GOOD.replace("node", "node evil.example/x?y=z"), GOOD),
        (GOOD.replace("node", "node mailto:a@evil.example"), GOOD),
        (GOOD.replace("node", "node me@evil.example"), GOOD),
        (GOOD.replace("node", "node doi:10.1234/abc"), GOOD.replace("node", "node doi:")),
        (f"{GOOD} It is also fast. And small!", GOOD),
        ("GraphSAGE of Smith et al. The graphs are large, i.e. They have many nodes.", None),
        ("The method of A. Smith samples neighbours on large graphs, e.g. Those of nodes.", None),
        ("Does it scale to large graphs? Yes, by sampling.", "Does it scale to large graphs?"),
    ],
)  # fmt: skip
def test_a_sentence_is_one_line_of_text_without_links(written: str, shown: str | None) -> None:
    assert read(written) == (written if shown is None else shown)


@pytest.mark.parametrize(
    "sentence,why",
    [
        (GRAPHS.title, "is the title"),
        ("Graphs.", "is too short for a sentence"),
        ("x" * (MAX_TEXT + 1), "has 401 characters"),
        (GOOD.replace("93.27", "99.27"), "has the number 99.27"),
        (GOOD.replace("93.27", "93.3"), "has the number 93.3"),
        (
            "Wir nehmen Stichproben der Nachbarn und trainieren auf den Graphen.",
            "is not in English",
        ),
        ("I'm sorry, but as a language model I can't do that.", "has no word of the paper"),
    ],
)
def test_what_is_no_sentence_on_the_paper_is_not_shown(sentence: str, why: str) -> None:
    with pytest.raises(UnusableError, match=why):
        read(sentence)


@pytest.mark.parametrize(
    "number", ["12,500", "12500", "12.500", "12 500", "93.2", "93 %", "1", "3"]
)
def test_a_number_may_be_written_in_another_way(number: str) -> None:
    assert number in read(GOOD.replace("93.27 %", number))


SENTENCES = {
    "German": "GraphSAGE zieht Stichproben der Nachbarn und erreicht auf großen Graphen 93,27 %.",
    "français": "GraphSAGE échantillonne les voisins et atteint 93,27 % sur les graphes.",
    "Spanish": "GraphSAGE muestrea los vecinos de cada nodo y alcanza el 93,27 % con menos coste.",
    "Brazilian Portuguese": "O GraphSAGE amostra os vizinhos de um nó e atinge 93,27 % em grafos.",
    "Dutch": "GraphSAGE kiest een steekproef van de buren en haalt 93,27 % op grote grafen.",
    "Polish": "GraphSAGE próbkuje sąsiadów i osiąga dokładność 93,27 % na dużych grafach.",
    "Русский": "GraphSAGE выбирает соседей и достигает точности 93,27 % на больших графах.",
    "Ukrainian": "GraphSAGE вибирає сусідів та досягає точності 93,27 % на великих графах.",
    "中文": "GraphSAGE 对每个节点的邻居进行采样，在 12,500 个大规模图上达到了 93.27% 的准确率。",
    "Simplified Chinese": "提出 GraphSAGE 邻居采样方法，准确率达到 93.27%，而且成本只有三分之一。",
    "Japanese": "GraphSAGE は各ノードの近傍を標本化し、大規模なグラフで 93.27% の精度に達した。",
    "ko": "GraphSAGE는 각 노드의 이웃을 표본 추출하여 큰 그래프에서 93.27%의 정확도에 도달한다.",
    "Arabic": "تأخذ GraphSAGE عينات من جيران كل عقدة وتصل إلى دقة 93.27 في المئة على الرسوم.",
    "فارسی": "روش GraphSAGE از همسایه‌های هر گره نمونه می‌گیرد و به دقت 93.27 درصد می‌رسد.",
    "Hindi": "GraphSAGE प्रत्येक नोड के पड़ोसियों का नमूना लेकर बड़े ग्राफ़ पर 93.27% सटीकता तक पहुँचता है।",
    "Greek": "Το GraphSAGE επιλέγει γείτονες κάθε κόμβου και φτάνει ακρίβεια 93,27 % σε γράφους.",
    "English": GOOD,
    "en-GB": GOOD,
}  # fmt: skip


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_taken_for_one_of_its_language_and_of_no_other(language: str) -> None:
    assert read(SENTENCES[language], language) == SENTENCES[language]
    for other in SENTENCES:
        same = {"中文", "Simplified Chinese"} >= {language, other} or (
            is_english(language) and is_english(other)
        )
        assert is_in(SENTENCES[language], other) == (same or other == language), other


def test_of_a_language_that_is_not_known_nothing_is_in_doubt() -> None:
    assert is_in("GraphSAGE elektas najbarojn de ĉiu nodo.", "Esperanto")


def test_a_title_that_cannot_be_shown_is_left_out() -> None:
    def title(title: object, language: str = "German") -> str | None:
        content = json.dumps({"sentence": SENTENCES["German"], "title": title})
        return read_sentence(content, GRAPHS, language)[1]

    assert title("Große Graphen") == "Große Graphen"
    assert title("[Große](https://evil.example) Graphen\n") == "Große Graphen"
    for bad in (None, 5, "", "x" * (MAX_TITLE + 1), "关于大规模图"):
        assert title(bad) is None


# Whatever is written

TEXT = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("@#:/.[]()<>`$\\|*_!&;\u202e\u200b\n"),
    ),
    max_size=150,
)
TRICKS = st.sampled_from(
    [
        " @octocat ", " octo/papers#1 ", " GH-12 ", " #12 ", " :smile: ", "https://a.example/",
        " www.a.example ", " doi:10.1234/x ", " arXiv:2501.00001 ", " github.com/a/b ",
        "<b>x</b>", "<script>alert(1)</script>", "<!-- x -->", "[a](b)", "![a](http://b)", "$x$",
        "\\href{http://a.example}{b}", " a@b.example ", "ftp://a.example", " 10.1234/x ", "|",
    ]
)  # fmt: skip
WRITTEN = st.lists(st.one_of(TEXT, TRICKS), max_size=5).map("".join)


@given(WRITTEN, st.sampled_from(["Esperanto", "German", "English"]))
def test_whatever_is_written_is_bounded_plain_and_without_links(text: str, language: str) -> None:
    written = f"Graphs {text} we sample neighbours of the graphs"
    try:
        sentence, title = read_sentence(
            json.dumps({"sentence": written, "title": text}), GRAPHS, language
        )
    except UnusableError:
        return
    for shown, most in ((sentence, MAX_TEXT), (title or "", MAX_TITLE)):
        assert len(shown) <= most
        assert shown == " ".join(shown.split())
        assert shown.encode().decode() == shown
        assert not any(isinstance(part, tex.Link) for part in tex.read(shown)), shown


@given(st.text())
def test_any_content_is_a_sentence_or_unusable(content: str) -> None:
    try:
        read_sentence(content, GRAPHS, "Esperanto")
    except UnusableError:
        return


@pytest.mark.parametrize(
    "piece", ["a", "a ", "[", "](", "a@", "1,", "a.", "://", "{", "www.", "10."]
)
def test_a_long_answer_takes_linear_time(piece: str) -> None:
    begin = time.process_time()
    for content in (
        piece * 200_000,
        json.dumps({"sentence": piece * (MAX_CONTENT // 2 // len(piece))}),
    ):
        with pytest.raises(UnusableError):
            read_sentence(content, GRAPHS, "English")
    assert time.process_time() - begin < 1


# What is shown


def rendered(said: Saying) -> html.HtmlElement:
    return html.fragment_fromstring(
        cmarkgfm.github_flavored_markdown_to_html(attributed(said)), create_parent=True
    )


@given(WRITTEN)
def test_a_models_words_are_text_with_its_name_in_every_view(text: str) -> None:
    try:
        sentence, _ = read_sentence(
            json.dumps({"sentence": f"Graphs {text} are sampled at large"}), GRAPHS, "Esperanto"
        )
    except UnusableError:
        return
    page = rendered(Saying(text=sentence, source="stand-in-1"))
    assert {element.tag for element in page.iterdescendants("*")} <= {"p", "em", "code", "sub"}
    assert str(page.text_content()).rstrip().endswith("(stand-in-1)")


def test_a_model_mentions_nobody() -> None:
    said = Saying(text="We thank @octocat and fix #12 of <b>GH-7</b>.", source="stand-in-1")
    page = rendered(said)
    assert page.text_content().strip() == f"{said.text} (stand-in-1)"
    for trigger in ("@octocat", "#12", "GH-7"):
        assert not any(trigger in text for text in page.itertext()), trigger


def test_a_summary_is_shown_for_its_version_alone_with_the_authors_own_at_hand() -> None:
    summary = Summary(text=GOOD, title="T", model="stand-in-1", version=1)
    assert saying(GRAPHS, summary, "Own.") == Saying(
        text=GOOD, source="stand-in-1", title="T", authors_own="Own."
    )
    own = Saying(text="Own.")
    assert saying(paper(version=2), summary, "Own.") == own
    assert saying(GRAPHS, None, "Own.") == own
    nothing = Summary(text="", model="stand-in-1", version=1)
    assert saying(GRAPHS, nothing, "Own.") == own


# Real sentences


@pytest.mark.skipif(
    "DAILY_PAPERS_SCITLDR" not in os.environ, reason="needs DAILY_PAPERS_SCITLDR, a folder"
)
def test_what_people_wrote_of_papers_is_nearly_always_shown() -> None:
    # A person may have read all of the paper, so that a number or a word is not of the abstract.
    shown = total = 0
    strangers = [0, 0]
    before = GRAPHS
    for file in sorted(Path(os.environ["DAILY_PAPERS_SCITLDR"]).glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                source, targets = record["source"], record["target"]
                text = source if isinstance(source, str) else " ".join(source)
                written = paper(title=record["title"], summary=text)
                for target in [targets] if isinstance(targets, str) else targets:
                    total += 1
                    shown += _is_shown(target, written)
                    strangers[_is_shown(target, before)] += 1
                before = written
    assert shown > 0.98 * total > 1_000
    assert strangers[True] < 0.8 * total


def _is_shown(sentence: str, of: Paper) -> bool:
    try:
        read(sentence, paper=of)
    except UnusableError:
        return False
    return True
