"""The examples of CommonMark's specification, version 0.31.2, by John MacFarlane (CC BY-SA 4.0).

We write what it says, but for the differences that are named here.
"""

import json
import re
from collections import defaultdict
from html.parser import HTMLParser

from harness.servers import ROOT
from kindlechat.site.markdown import render
from kindlechat.site.pictures import Picture

EXAMPLES = json.loads((ROOT / "tests/fixtures/commonmark.json").read_text())

MISTAKES = {
    "no HTML here": [
        *(21, 31, *range(148, 192), 201, 308, 309, 344, 475, 476, 477, 491, 494, 524, 536),
        *(*range(613, 618), 623, *range(625, 632), 642, 643),
    ],
    "a heading of the first level": [
        *(10, 62, 66, 67, 68, 72, 75, 76, *range(78, 85), 115, 141, 214, 215, *range(227, 231)),
        *(232, 300),
    ],
    "a heading of level": [68, 72, 73, 74, 76, 79, 646, 647],
    "a link's title": [
        *(22, 23, 32, 33, *range(192, 197), 202, 217, 482, 505, 506, 509, 510, 527, 539, 542, 543),
        *(*range(553, 560), 561, 593),
    ],
    "a link with no address": [200, 485, 486, 487, 567],
    "nothing defines": [546, 547],
    "no words for those who do not see": [581],
    "expected a link to a page": [596, 598, 599, 601],
}
"""What an author of ours is told, and in which examples: the rest must be free of mistakes."""

RAW_HTML = set(MISTAKES["no HTML here"])
"""Only here do we write something else than the specification: a build with such a text fails."""

MARKS = ("strong", "em", "u")
"""They mark code by weight."""


class Written(HTMLParser):
    """What HTML says, without what ours has besides: anchors of headings, directions, sizes of pictures.

    A picture's title is its caption, and a link's title is dropped.
    """

    def __init__(self, html):
        super().__init__()
        self.said = []
        self._in_code = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "pre":
            self._in_code = True
        if self._in_code and tag in MARKS:
            return
        shown = {
            name: value for name, value in attributes if name in ("href", "src", "alt", "start")
        }
        self.said.append((tag, shown))
        caption = dict(attributes).get("title")
        if tag == "img" and caption:
            self.said += [("br", {}), ("span", {}), caption, "/span"]

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        if tag == "pre":
            self._in_code = False
        if not (self._in_code and tag in MARKS):
            self.said.append(f"/{tag}")

    def handle_data(self, text):
        words = text if self._in_code else re.sub(r"\s+", " ", text).strip()
        if self._in_code and self.said and isinstance(self.said[-1], str) and words:
            before = self.said[-1]
            if not before.startswith("/"):
                self.said[-1] = before + words
                return
        if words:
            self.said.append(words)


def test_the_examples_of_commonmark_are_what_they_should_be():
    told = defaultdict(set)
    for number, example in enumerate(EXAMPLES, 1):
        article = render(example["markdown"], lambda address: Picture(address, 1, 1))
        for mistake in article.mistakes:
            (kind,) = {max(filter(mistake.what.startswith, MISTAKES), key=len)}
            told[kind].add(number)
        if number not in RAW_HTML:
            assert Written(article.html).said == Written(example["html"]).said, example
    assert told == {kind: set(numbers) for kind, numbers in MISTAKES.items()}
    assert len(EXAMPLES) == 652
