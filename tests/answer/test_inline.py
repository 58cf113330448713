"""Blocks and paragraphs read by the first signs of marks: the same as when every rule is tried everywhere."""

from pathlib import Path
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.token import Token

from harness.hostile import texts
from kindlechat.rendering.answer import markdown
from kindlechat.rendering.answer.building import build_nodes
from kindlechat.rendering.answer.emphasis import MarkedState
from kindlechat.rendering.answer.inline import SignedInline
from kindlechat.rendering.answer.markdown import markdown_parser
from kindlechat.rendering.answer.openings import read_inline
from tests.cases import cases

ANSWERS = Path(__file__).parent.parent / "fixtures" / "answers"

PIECES = r"a,b c,1,\,\(,\),$,$$,<,>,</,b>,`,``,~,~~,*,**,_,__,[,[^1],](,](http://a.b),],!,&,&amp;,:,://,http,.b"

WORDS = [*"a\t\n!:.é*🚀 ", "  ", "//", "**b**", "**B c.**", "**", "✨ ", "www.a.de"]

LINES = [
    *(
        "\n",
        "\n\n",
        "a ",
        "# ",
        "> ",
        "- ",
        "+ ",
        "* ",
        "1. ",
        "12) ",
        "٣. ",
        "```",
        "~~~",
        "---",
        "***",
        "___",
    ),
    *("b", "9", "1.5", "#c", "«d»"),
    *("|", "a|b\n", "|-|-|\n", "    ", "\t", "\u3000", "$$", "\\[", "\\]", "\\begin{align}"),
    *("<details>", "</details>", "<summary>", "</summary>", "<p>", "[a]: http://a.b"),
]


class AsksAll(SignedInline):
    """Tries every rule everywhere, as the parser does by itself."""

    def parse(self, text, md, env, tokens):
        state = MarkedState(text, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens

    tokenize = ParserInline.tokenize
    skipToken = ParserInline.skipToken  # noqa: N815 (the parser's name)


def _asks_all() -> MarkdownIt:
    md = markdown_parser()
    block = ParserBlock()
    block.ruler = md.block.ruler
    md.inline, md.block = AsksAll(md.inline), block
    return md


BY_SIGN, ASKS_ALL = markdown_parser(), _asks_all()


def _assert_same(text: str) -> None:
    env = {"name": "n", "definitions": {"a": "http://a.b", "b c": "http://c.d"}}
    by_sign, asks_all = BY_SIGN.parse(text, {**env}), ASKS_ALL.parse(text, {**env})
    assert _without_children(by_sign) == _without_children(asks_all), text
    assert build_nodes(by_sign) == build_nodes(asks_all), text
    assert read_inline(BY_SIGN, text) == read_inline(ASKS_ALL, text), text
    with patch.object(markdown, "plain_paragraphs", lambda _: iter(())):
        by_parser = markdown.parse_blocks(text)
    assert markdown.parse_blocks(text) == by_parser, text


def _without_children(tokens: list[Token]) -> list[Token]:
    """The tokens of the blocks, without those of their texts: plain words are fewer."""
    return [token.copy(children=None) for token in tokens]


@cases("file", sorted(ANSWERS.iterdir()), ids=lambda file: file.name)
def test_answers_are_read_alike(file):
    text = file.read_text()
    for part in (text, *text.split("\n\n")):
        _assert_same(part)


@cases(("name", "text"), texts(300), ids=lambda part: part[:30], quick_stride=4)
def test_hostile_texts_are_read_alike(name, text):
    _assert_same(text)


@given(st.lists(st.sampled_from([*PIECES.split(","), "\n"]), max_size=30).map("".join))
def test_any_marks_are_read_alike(text):
    _assert_same(text)


@example("a \nb  \n \t**c**  \n")
@example("at http://a.b")
@given(st.lists(st.sampled_from(WORDS), max_size=20).map("".join))
def test_plain_words_are_read_alike(text):
    _assert_same(text)


@example("\u3000$$\nx^2\n$$\n")
@example("a\r\nb\nc")
@example("a \n\n\u3000")
@example("- **a**\n  - b")
@example("12) a\n#\nb")
@example("a\n\nb\n- c")
@given(st.lists(st.sampled_from(LINES), max_size=30).map("".join))
def test_any_lines_are_read_alike(text):
    _assert_same(text)
