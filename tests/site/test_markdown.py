"""Our own Markdown: the HTML it becomes."""

import re

from hypothesis import given
from hypothesis import strategies as st

from kindlechat.site.article import Heading, OwnLink
from kindlechat.site.markdown import TEMPLATE_IDS, render
from kindlechat.site.mistakes import BuildError
from kindlechat.site.page_templates import OF_TEXTS
from kindlechat.site.pictures import Picture
from tests.cases import cases
from tests.site.conftest import SITE


def mistakes(text):
    return render(text, find).mistakes


def html(text):
    return render(text, find).html


def find(address):
    if address == "/images/hall.png":
        return Picture("/assets/hall.0123abcd.png", 520, 20, "/assets/hall.89abcdef.jpg")
    if address != "/images/desk.png":
        raise ValueError(f"no {address}")
    return Picture("/assets/desk.0123abcd.png", 30, 20)


@cases(
    ("text", "expected"),
    {
        "paragraph": ("a\nb", "<p>a\nb</p>\n"),
        "break": ("a  \nb", "<p>a<br>\nb</p>\n"),
        "emphasis": ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <del>c</del></p>\n"),
        "escaping": ('1 < 2 & "3"', '<p>1 &lt; 2 &amp; "3"</p>\n'),
        "code": ("`a<b`", '<p><code dir="ltr">a&lt;b</code></p>\n'),
        "link": ("[a](/b/?c&d)", '<p><a href="/b/?c&amp;d">a</a></p>\n'),
        "reference": ("[a]\n\n[a]: /b/", '<p><a href="/b/">a</a></p>\n'),
        "list": ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        "numbers": ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        "quote": ("> a", "<blockquote>\n<p>a</p>\n</blockquote>\n"),
        "rule": ("a\n\n---", "<p>a</p>\n<hr>\n"),
        "heading": ("## A *b*", '<h2 id="a-b">A <em>b</em></h2>\n'),
        "named heading": ("## A {#here}", '<h2 id="here">A</h2>\n'),
        "fence": ("```\na<b\n```", '<pre dir="ltr"><code>a&lt;b\n</code></pre>\n'),
        "indented": ("    a", '<pre dir="ltr"><code>a</code></pre>\n'),
        "marked by weight": (
            "```python\ndef a(): pass # b\n```",
            '<pre dir="ltr"><code><strong>def</strong> <u>a</u>(): <strong>pass</strong>'
            " <em># b</em>\n</code></pre>\n",
        ),
        "a long line of code": (
            "```python\ndef gather(first, second):\n"
            "    return sorted(first + second, key=by_the_name, reverse=True)\n```",
            '<pre dir="ltr"><code><strong>def</strong> <u>gather</u>(first, second):\n'
            "    <strong>return</strong> sorted(first + second, \n"
            "    »\xa0key=by_the_name, reverse=<strong>True</strong>)\n</code></pre>\n",
        ),
        "a line of code that only narrow screens break": (
            "```python\ndef gather(first, second):\n"
            "    return sorted(first + second, reverse=True)\n# » it\n```",
            '<pre dir="ltr"><code><strong>def</strong> <u>gather</u>(first, second):\n'
            '    <strong>return</strong> sorted(first + second, <span class="narrow" hidden>\n'
            "    »\xa0</span>reverse=<strong>True</strong>)\n<em># » it</em>\n</code></pre>\n",
        ),
        "a comment that only narrow screens break": (
            "```python\n# words words words words words words words\n```",
            '<pre dir="ltr"><code><em># words words words words words words <span class="narrow" hidden>\n'
            "»\xa0</span>words</em>\n</code></pre>\n",
        ),
        "columns in a block of text": (
            f"```\n{'a' * 40}    {'b' * 40}\n```",
            f'<pre dir="ltr"><code>{"a" * 40}    {"b" * 40}\n</code></pre>\n',
        ),
        "picture": (
            "![a *desk*](/images/desk.png)",
            '<p><img src="/assets/desk.0123abcd.png" width="30" height="20" alt="a desk"></p>\n',
        ),
        "mail": (
            "<me@example.org>",
            '<p><a href="mailto:me@example.org">me@example.org</a></p>\n',
        ),
        "tasks": ("- [x] a\n- [ ] b", "<ul>\n<li>[x] a</li>\n<li>[ ] b</li>\n</ul>\n"),
        "brackets": (
            "a\\[^x\\] \\[b\\]\\[c\\] `[^y]`",
            '<p>a[^x] [b][c] <code dir="ltr">[^y]</code></p>\n',
        ),
        "brackets in code": (
            "```\na[^x] [b][c]\n```",
            '<pre dir="ltr"><code>a[^x] [b][c]\n</code></pre>\n',
        ),
        "caption": (
            '![a desk](/images/desk.png "My desk")',
            '<p><img src="/assets/desk.0123abcd.png" width="30" height="20" alt="a desk"><br>\n'
            '<span class="quiet">My desk</span></p>\n',
        ),
        "wide picture": (
            "![a hall](/images/hall.png)",
            '<p><a href="/assets/hall.89abcdef.jpg"><img src="/assets/hall.0123abcd.png"'
            ' width="520" height="20" alt="a hall"></a></p>\n',
        ),
        "wide pictures in a link and beside it": (
            "[![a hall](/images/hall.png)](/b/) ![a hall](/images/hall.png)",
            '<p><a href="/b/"><img src="/assets/hall.0123abcd.png" width="520" height="20"'
            ' alt="a hall"></a> <a href="/assets/hall.89abcdef.jpg"><img'
            ' src="/assets/hall.0123abcd.png" width="520" height="20" alt="a hall"></a></p>\n',
        ),
        "aligned table": (
            "| a | b | c |\n|:--|--:|:-:|\n| 1 | 2 | 3 |",
            '<table>\n<thead>\n<tr><th align="left">a</th><th align="right">b</th>'
            '<th align="center">c</th></tr>\n'
            '</thead>\n<tbody>\n<tr><td align="left">1</td><td align="right">2</td>'
            '<td align="center">3</td></tr>\n'
            "</tbody>\n</table>\n",
        ),
        "table": (
            "| a | b |\n|---|---|\n| 1 | *2* |",
            "<table>\n<thead>\n<tr><th>a</th><th>b</th></tr>\n</thead>\n<tbody>\n"
            "<tr><td>1</td><td><em>2</em></td></tr>\n</tbody>\n</table>\n",
        ),
        "footnotes": (
            "a[^x] b[^y] c[^x]\n\n[^y]: Y\n[^x]: X",
            '<p>a<sup><a id="ref_1" href="#note_1">1</a></sup>'
            ' b<sup><a id="ref_2" href="#note_2">2</a></sup>'
            ' c<sup><a href="#note_1">1</a></sup></p>\n'
            '<div class="foot">\n<div id="note_1">\n<p><a href="#ref_1">1</a>. X</p>\n</div>\n'
            '<div id="note_2">\n<p><a href="#ref_2">2</a>. Y</p>\n</div>\n</div>\n',
        ),
        "a footnote that begins with a list": (
            "a[^x]\n\n[^x]:\n    - b\n",
            '<p>a<sup><a id="ref_1" href="#note_1">1</a></sup></p>\n'
            '<div class="foot">\n<div id="note_1">\n<p><a href="#ref_1">1</a>.</p>\n'
            "<ul>\n<li>b</li>\n</ul>\n</div>\n</div>\n",
        ),
        "a footnote that only another one refers to": (
            "[^y]: Y\n\na[^x]\n\n[^x]: X[^y]",
            '<p>a<sup><a id="ref_1" href="#note_1">1</a></sup></p>\n'
            '<div class="foot">\n<div id="note_1">\n<p><a href="#ref_1">1</a>. '
            'X<sup><a id="ref_2" href="#note_2">2</a></sup></p>\n</div>\n'
            '<div id="note_2">\n<p><a href="#ref_2">2</a>. Y</p>\n</div>\n</div>\n',
        ),
        "a footnote in a quotation of another one": (
            "a[^x] b[^y]\n\n[^x]: X\n\n    > [^y]: Y",
            '<p>a<sup><a id="ref_1" href="#note_1">1</a></sup>'
            ' b<sup><a id="ref_2" href="#note_2">2</a></sup></p>\n'
            '<div class="foot">\n<div id="note_1">\n<p><a href="#ref_1">1</a>. X</p>\n'
            "<blockquote>\n</blockquote>\n</div>\n"
            '<div id="note_2">\n<p><a href="#ref_2">2</a>. Y</p>\n</div>\n</div>\n',
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


def test_no_heading_has_the_name_of_a_place_that_templates_or_notes_have():
    text = "## Demo\n\n## Contents\n\n## Note 1\n\n## Ref 1 {#ref_1}\n\na[^1]\n\n[^1]: b\n"
    article = render(text, find)
    assert [heading.id for heading in article.headings] == [
        *("demo-2", "contents-2", "note-1", "ref-1")
    ]
    ids = re.findall(r' id="([^"]+)"', article.html)
    assert len(set(ids)) == len(ids) == 6


def test_the_places_that_templates_have_are_known():
    shown = (*OF_TEXTS, "post.html", "static.html", "base.html", "blog.html")
    html = "".join((SITE / "templates" / name).read_text() for name in shown)
    assert set(re.findall(r'\bid="([\w-]+)"', html)) <= TEMPLATE_IDS


@cases(
    ("text", "mistake"),
    [
        ("a\n\n[a](http://[x)", r":3: http://\[x is no address"),
        ("a\n\n[a](//[x)", r":3: //\[x is no address"),
        (
            "[a](//help/)",
            ":1: expected a link to another site to begin with https: .+, got //help/",
        ),
        ("a [b]()", ":1: a link with no address behind its words"),
        ("a [b](<>)", ":1: a link with no address behind its words"),
        ("[a](https://)", ":1: a link with no address behind https://"),
        ("[a][b]\n\n[b]: mailto:", ":1: a link with no address behind mailto:"),
        ("[a](javascript:alert)", ":1: expected a link to a page, or one of http, .+, got java.+"),
        ("[a](JavaScript&colon;alert)", ":1: expected a link to a page, or one of .+"),
        ("[a](<java&#10;script:alert>)", "(?s):1: expected a link to a page, or one of .+"),
        ("[a](<&#32;&#10;javascript:alert>)", "(?s):1: expected a link to a page, or one of .+"),
        ("<data:text/html,a>", ":1: expected a link to a page, or one of .+, got data:text/html,a"),
        ("[a]\n\n[a]: vbscript:a", ":1: expected a link to a page, or one of .+"),
        ("a\n\nb &#1; c", r":3: a character that no page may hold, U\+0001"),
        ("`a`\n\n![a &#xfffe; b](/images/desk.png)", r":3: a character .+, U\+FFFE"),
        ("[a](/b/&#2;)", r":1: a character that no page may hold, U\+0002"),
        ("a\n\n[^x]: b", ":3: nothing refers to the note x"),
        ("a[^x]\n\n[^x]: b\n\n[^x]: c", ":5: the note x is there twice"),
        ("a[^x]\n\n[^x]: <b>", ":3: no HTML here, please: write Markdown"),
        (
            "| a | b |\n|---|\n| 1 | 2 |",
            ":2: no table: the line above it has another number of cells",
        ),
        ("a\n\n> a | b\n> --|:-:|--\n> 1 | 2", ":4: no table: the line above .+"),
        ("| a \\| b | c |\n| :-- |\n", ":2: no table: .+"),
        ("| a | b |\n|---|---|\n| 1 | 2 | |\n| 1 | 2 | **3** |", ":4: more cells than the head .+"),
        (
            "- a | b\n  --|--\n  `1\\|2` | 2 | 3 |",
            ":3: more cells than the head of the table has: .+",
        ),
    ],
)
def test_what_is_no_good_is_told_with_its_line(text, mistake):
    (found,) = mistakes(text)
    assert re.fullmatch(mistake, str(found)), found


@cases(
    "link", ["http://a.example", "https://a.example/", "mailto:a@b.example", "tel:+1", "/b/", "#c"]
)
def test_links_may_lead_to_pages_mail_and_telephones(link):
    assert html(f"[a]({link})") == f'<p><a href="{link}">a</a></p>\n'


@cases(
    ("rows", "is_wide"),
    [
        (["a | b", "-- | --", f"{'c' * 20} | {'d' * 21}"], False),
        (["a | b", "-- | --", f"{'c' * 20} | d", f"e | {'f' * 22}"], True),
        (["a | b", "-- | --", f"{'c ' * 60} | [d](https://example.org/{'d' * 60})"], False),
        (["a | b", "-- | --", f"`{'c' * 60}` | ![a hall](/images/hall.png)"], True),
        (["|".join(["abc"] * 10), "|".join(["--"] * 10)], False),
        (["|".join(["abc"] * 11), "|".join(["--"] * 11)], True),
    ],
)
def test_a_table_with_no_room_on_an_e_reader_says_so(rows, is_wide):
    shown = html("\n".join(rows)) + html("| a |\n|---|")
    assert shown.count('<table class="wide">') == is_wide
    assert shown.count("<table>") == 2 - is_wide


@cases(
    "text",
    [
        "a \\|---\\| b",
        "| a | b |\n|---|---|\n| 1 |\n| 1 \\| 2 | 3 | | |\n| `-\\|-` | -- |",
        "| a |\n| - |",
        "a\n\n-- - --\n\na - b",
        "```\n| a |\n|--|--|\n```\n",
    ],
)
def test_tables_and_lines_like_theirs_are_no_mistakes(text):
    assert mistakes(text) == ()


def test_a_text_is_as_long_as_what_is_read_of_it():
    text = render("One *two* three.\n\n- four\n\n```\nfive six\n```\n", find)
    assert text.length == len("One  two  three. four five six\n")


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


def test_a_chinese_or_japanese_character_counts_as_three_letters():
    assert render("你好，世界。 two words\n", find).length == 4 * 3 + len("，。 two words")
    assert render("日本語の文章です。\n", find).length == 8 * 3 + len("。")


def test_a_line_end_between_chinese_or_japanese_signs_is_no_blank():
    text = "网络断开，\n或在**别处**\n打开 Wi-Fi\n也行。\n\n> かな\n> カナ\n\n```\n汉\n字\n```\n\n한국어\n글"
    article = render(text, find)
    assert article.opening == "网络断开，或在别处打开 Wi-Fi 也行。"
    assert article.html == (
        "<p>网络断开，或在<strong>别处</strong>打开 Wi-Fi\n也行。</p>\n"
        "<blockquote>\n<p>かなカナ</p>\n</blockquote>\n"
        '<pre dir="ltr"><code>汉\n字\n</code></pre>\n<p>한국어\n글</p>\n'
    )


def test_an_address_has_only_signs_that_addresses_may_have():
    assert html('[a](</ein bär/?q="#ü>)') == (
        '<p><a href="/ein%20b%C3%A4r/?q=%22#%C3%BC">a</a></p>\n'
    )


def test_an_article_knows_its_links_and_its_first_picture():
    article = render(
        "a\n\n[b](/b/)\n[c](d/) [h](#h) [i](HTTP://i.example/) [j](//j.example) [k](tel:1)\n\n"
        "![e](/images/desk.png) ![f](/images/hall.png)",
        find,
        first_line=5,
    )
    assert article.links == (OwnLink("/b/", 7), OwnLink("d/", 8))
    assert article.picture == "/assets/desk.0123abcd.png"
