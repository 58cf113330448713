"""Our own Markdown: the HTML it becomes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindlechat.site.markdown import Heading, render
from kindlechat.site.mistakes import BuildError
from kindlechat.site.pictures import Picture


def html(text):
    return render(text, find).html


def find(address):
    if address != "/images/desk.png":
        raise ValueError(f"no {address}")
    return Picture("/assets/desk.0123abcd.png", 30, 20)


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "paragraph": ("a\nb", "<p>a\nb</p>\n"),
        "break": ("a  \nb", "<p>a<br>\nb</p>\n"),
        "emphasis": ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <del>c</del></p>\n"),
        "escaping": ('1 < 2 & "3"', "<p>1 &lt; 2 &amp; &#34;3&#34;</p>\n"),
        "code": ("`a<b`", "<p><code>a&lt;b</code></p>\n"),
        "link": ("[a](/b/?c&d)", '<p><a href="/b/?c&amp;d">a</a></p>\n'),
        "reference": ("[a]\n\n[a]: /b/", '<p><a href="/b/">a</a></p>\n'),
        "list": ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        "numbers": ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        "quote": ("> a", "<blockquote>\n<p>a</p>\n</blockquote>\n"),
        "rule": ("a\n\n---", "<p>a</p>\n<hr>\n"),
        "heading": ("## A *b*", '<h2 id="a-b">A <em>b</em></h2>\n'),
        "named heading": ("## A {#here}", '<h2 id="here">A</h2>\n'),
        "fence": ("```\na<b\n```", "<pre><code>a&lt;b\n</code></pre>\n"),
        "indented": ("    a", "<pre><code>a</code></pre>\n"),
        "marked by weight": (
            "```python\ndef a(): pass # b\n```",
            "<pre><code><strong>def</strong> <u>a</u>(): <strong>pass</strong> <em># b</em>\n</code></pre>\n",
        ),
        "picture": (
            "![a *desk*](/images/desk.png)",
            '<p><img src="/assets/desk.0123abcd.png" width="30" height="20" alt="a desk"></p>\n',
        ),
        "table": (
            "| a | b |\n|---|---|\n| 1 | *2* |",
            "<table>\n<thead>\n<tr><th>a</th><th>b</th></tr>\n</thead>\n<tbody>\n"
            "<tr><td>1</td><td><em>2</em></td></tr>\n</tbody>\n</table>\n",
        ),
        "footnotes": (
            "a[^x] b[^y] c[^x]\n\n[^y]: Y\n[^x]: X",
            '<p>a<sup><a id="ref-1" href="#note-1">1</a></sup>'
            ' b<sup><a id="ref-2" href="#note-2">2</a></sup>'
            ' c<sup><a href="#note-1">1</a></sup></p>\n'
            '<div class="foot">\n<p id="note-1"><a href="#ref-1">1</a>. X</p>\n'
            '<p id="note-2"><a href="#ref-2">2</a>. Y</p>\n</div>\n',
        ),
    }.values(),
)
def test_what_markdown_becomes(text, expected):
    assert html(text) == expected


def test_headings_have_places_of_their_own_and_are_told():
    article = render("## One\n\n### `Two`\n\n## One\n\n## —\n", find)
    assert article.headings == (
        Heading("one", "One", 2),
        Heading("two", "Two", 3),
        Heading("one-2", "One", 2),
        Heading("section", "—", 2),
    )


def test_words_are_counted():
    assert render("One *two* three.\n\n- four\n\n```\nfive six\n```\n", find).words == 6


@given(st.text(alphabet="ab<>&\"'`*_[]()!#-|^:{} \n\t1.~é—\u2028", max_size=80))
def test_whatever_is_written_makes_sound_html_or_a_mistake(text):
    try:
        made = html(text)
    except BuildError:
        return
    assert balanced(made), made


def balanced(made):
    """Whether every tag is closed in its order."""
    from html.parser import HTMLParser

    opened = []
    wrong = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in ("br", "hr", "img"):
                opened.append(tag)

        def handle_endtag(self, tag):
            if not opened or opened.pop() != tag:
                wrong.append(tag)

    Tags().feed(made)
    return not opened and not wrong
