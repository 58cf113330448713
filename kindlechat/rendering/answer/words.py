"""The words of an answer: each as a link, or one with the sentence that it stands in (pure).

Words are counted from 1 through the whole answer, so that a number names one. Code has none.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape

from kindlechat.rendering.answer.tree import Element, Node, Nodes, escaped, merged
from kindlechat.rendering.safety.checkpoint import checkpoint

WITHOUT_WORDS = frozenset({"pre", "code", "kbd"})

INLINE = frozenset(
    {"a", "b", "bdi", "bdo", "code", "del", "em", "i", "kbd", "s", "span", "strong", "sub", "sup"}
)
"""Elements within a sentence; any other begins a new one and ends it."""

NO_SPACES = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Kana and Chinese characters: no spaces part words there, so each counts as one."""

MARKS = (0x300, 0xFE30)
"""Where Unicode has its combining marks, but for rare scripts."""

SENTENCE_END = re.compile(r"[.!?…؟।]+[\"'”»’)\]]*\s+(?![a-zß-öø-ÿа-яё])|[。！？]+[”」』）]*|\n+")
"""A small letter after it goes on with the sentence."""

AROUND_CHARS = 300
"""So much of a sentence is told before a word, and after it."""


@dataclass(frozen=True)
class WordInSentence:
    """A word, and what of its sentence stands before it and after it; all of it plain text."""

    before: str
    word: str
    after: str

    @property
    def sentence(self) -> str:
        """The sentence as it was written, in one line."""
        return " ".join(f"{self.before}{self.word}{self.after}".split())


def link_words(nodes: Sequence[Node], address: Callable[[int], str]) -> Nodes:
    """The answer with each word as a link; `address` gives that of a word by its number, escaped.

    The answer's own links are left out.
    """
    numbers = iter(range(1, 10**9))

    def link(nodes: Sequence[Node]) -> Iterator[Node]:
        checkpoint()
        for node in nodes:
            if isinstance(node, str):
                yield from link_text(node)
            elif node.tag == "a":
                yield from link(node.children)
            elif node.tag in WITHOUT_WORDS:
                yield node
            else:
                yield Element(node.tag, node.start, merged(link(node.children)))

    def link_text(html: str) -> Iterator[Node]:
        text, done = unescape(html), 0
        for start, end in words_in(text):
            yield escaped(text[done:start])
            word = escaped(text[start:end])
            yield Element("a", f'<a href="{address(next(numbers))}">', (word,))
            done = end
        yield escaped(text[done:])

    return merged(link(nodes))


def word_of(nodes: Sequence[Node], number: int) -> WordInSentence | None:
    """The word of this number with its sentence; None where there is none."""
    count = 0
    for pieces in _blocks(nodes):
        checkpoint()
        text = "".join(piece for piece, _ in pieces)
        at = 0
        for piece, has_words in pieces:
            spans = list(words_in(piece)) if has_words else []
            if count < number <= count + len(spans):
                start, end = spans[number - count - 1]
                return _in_sentence(text, at + start, at + end)
            count += len(spans)
            at += len(piece)
    return None


def words_in(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of a plain text begin and end."""
    for match in _word().finditer(text):
        yield match.span()


def _in_sentence(text: str, start: int, end: int) -> WordInSentence:
    ends = [0, *(match.end() for match in SENTENCE_END.finditer(text)), len(text)]
    first = max(at for at in ends if at <= start)
    last = min(at for at in ends if at >= end)
    return WordInSentence(
        text[max(first, start - AROUND_CHARS) : start].lstrip(),
        text[start:end],
        text[end : min(last, end + AROUND_CHARS)].rstrip(),
    )


def _blocks(nodes: Sequence[Node]) -> Iterator[list[tuple[str, bool]]]:
    """The blocks of an answer, in order: each as pieces of plain text, with whether they have words."""
    block: list[tuple[str, bool]] = []
    for piece in _pieces(nodes, has_words=True):
        if piece is not None:
            block.append(piece)
        elif block:
            yield block
            block = []
    yield block


def _pieces(nodes: Sequence[Node], *, has_words: bool) -> Iterator[tuple[str, bool] | None]:
    """The texts in order, and None where a block begins or ends."""
    for node in nodes:
        if isinstance(node, str):
            yield unescape(node), has_words
        elif node.tag == "br":
            yield "\n", False
        else:
            edge = () if node.tag in INLINE else (None,)
            yield from edge
            yield from _pieces(node.children, has_words=has_words and node.tag not in WITHOUT_WORDS)
            yield from edge


@cache
def _word() -> re.Pattern[str]:
    """Letters with their marks; within a word also an apostrophe or a hyphen."""
    marks = "".join(
        chr(code) for code in range(*MARKS) if unicodedata.category(chr(code)).startswith("M")
    )
    letter = rf"[^\W\d_{NO_SPACES}][{marks}\u200c\u200d]*"
    return re.compile(rf"[{NO_SPACES}]|(?:{letter})+(?:['’‑-](?:{letter})+)*")
