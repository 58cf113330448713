"""What tests of answers share: an answer rendered, and what a reader sees of it."""

import re
from html.parser import HTMLParser

from kindlechat.rendering.answer.growing import Growing

ALLOWED = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "h2"}
ALLOWED |= {"table", "thead", "tbody", "tr", "th", "td", "hr", "a", "sup", "u", "s"}


def render_markdown(text):
    return Growing().html(text, ended=True)


class Seen(HTMLParser):
    """The tags, attributes and text of a piece of HTML."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text = set(), [], ""
        self.open = []
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")


def assert_safe(html):
    seen = Seen(html)
    assert seen.open == [], "every tag is closed, or the page around the answer would break"
    assert seen.tags <= ALLOWED
    for tag, name, value in seen.attributes:
        if (tag, name) == ("a", "href"):
            assert re.match(r"https?://", value, re.IGNORECASE)
        elif (tag, name) == ("a", "rel"):
            assert value == "nofollow noreferrer"
        else:
            assert (tag, name) == ("ol", "start")
            assert value.isdigit()
    return seen
