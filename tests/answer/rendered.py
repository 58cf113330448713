"""What tests of answers share: an answer rendered, and what a reader sees of it."""

import re
from html.parser import HTMLParser

from kindlechat.rendering.answer.growing import Growing

ALLOWED = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "h2"}
ALLOWED |= {"table", "thead", "tbody", "tr", "th", "td", "hr", "a", "sup", "u", "s"}
ALLOWED |= {"sub", "kbd", "small", "q", "details", "summary", "span"}


def render_markdown(text: str) -> str:
    return Growing().html(text, ended=True)


class Seen(HTMLParser):
    """The tags, attributes and text of a piece of HTML."""

    def __init__(self, html: object) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def assert_safe(html: object) -> Seen:
    seen = Seen(html)
    assert seen.open == [], "every tag is closed, or the page around the answer would break"
    assert seen.tags <= ALLOWED
    for tag, name, value in seen.attributes:
        assert value is not None
        if (tag, name) == ("a", "href"):
            assert re.match(r"https?://|#[fr][\w-]+$", value, re.IGNORECASE)
        elif (tag, name) == ("a", "rel"):
            assert value == "nofollow noreferrer"
        elif (tag, name) == ("a", "id"):
            assert re.fullmatch(r"[fr][\w-]+", value)
        elif name == "dir":
            assert value in ("ltr", "rtl")
        elif (tag, name) in (("p", "class"), ("pre", "class")):
            assert value == "maths"
        elif (tag, name) == ("h2", "class"):
            assert value == "minor"
        elif tag == "pre":
            assert name in ("role", "aria-label")
        elif name == "align":
            assert tag in ("th", "td")
            assert value in ("right", "center")
        else:
            assert (tag, name) in (("ol", "start"), ("li", "value"))
            assert value.isdigit()
    return seen
