"""Links: which addresses lead somewhere, how they are numbered, and what a reader is told of them."""

import re

from kindlechat.rendering.answer.growing import Growing
from tests.answer.rendered import assert_safe, render_markdown
from tests.cases import cases


def test_links_are_numbered_and_their_addresses_listed():
    html = render_markdown(
        "[a](https://a.example/?b&c), [d](https://d.example), *[e](https://a.example/?b&c)*"
    )
    link = '<a href="https://a.example/?b&amp;c" rel="nofollow noreferrer">'
    other = '<a href="https://d.example" rel="nofollow noreferrer">'
    assert html == (
        f"<p>{link}a</a> [1], {other}d</a> [2], <em>{link}e</a> [1]</em></p><hr>"
        f"<p>[1] {link}https://a.example/?b&amp;c</a><br>[2] {other}https://d.example</a></p>"
    )


def test_no_link_has_a_number_that_the_model_gave_a_source():
    html = render_markdown(
        "So [2], [x](https://x.example), [y](https://y.example).\n\n[4] and [v](https://v.example)"
    )
    text = assert_safe(html).text
    assert "So [2], x [1], y [3]." in text
    assert text.endswith("[1] https://x.example[3] https://y.example[5] https://v.example")


@cases(
    "sources",
    [
        "1. [x](https://x.example)\n2. **[y](https://y.example)**",
        "[1] [x](https://x.example)\n[2]: [y](https://y.example)",
        "- [2] [y](https://y.example)\n- [1] [x](https://x.example)",
    ],
)
def test_a_source_has_the_number_that_the_model_gave_it(sources):
    text = assert_safe(render_markdown(f"So it is [1][2].\n\n{sources}")).text
    assert text.endswith("[1] https://x.example[2] https://y.example")


def test_a_link_with_no_text_shows_its_address():
    html = render_markdown("See [](https://a.example/?b&c).")
    assert re.sub("<[^>]+>", "", html) == "See https://a.example/?b&amp;c."


@cases(
    "hostile",
    [
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](java&#115;cript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:a)",
        "[a](file:///etc/passwd)",
        "[a](//other.example)",
        "[a](/ask)",
        "[a](mailto:a@b.example)",
        "<javascript:alert(1)>",
        '[a](https://a.example" onclick="a)',
        "[a](https:// onclick=a)",
        "[a]()",
        "[a](<>)",
    ],
)
def test_links_lead_to_http_and_https_only(hostile):
    assert "href" not in render_markdown(hostile)
    assert_safe(render_markdown(hostile))


@cases("text", ["[ok](<https://a b.c/d>)", "[ok](https://a:b/c)"])
def test_an_address_that_leads_nowhere_stays_in_sight(text):
    seen = assert_safe(render_markdown(text))
    assert seen.tags == {"p"}
    assert seen.text == text


def test_a_picture_becomes_a_link_and_is_not_fetched():
    seen = assert_safe(render_markdown("![a cat](https://a.example/cat.png)"))
    assert seen.tags == {"p", "a", "hr"}, "its address is listed at the end"


LINK = re.compile(r'<a href="([^"#][^"]*)"[^>]*>(.*?)</a>')


def links(text):
    """The links before the list at the answer's end: (address, text)."""
    return LINK.findall(str(render_markdown(text)).partition("<hr>")[0])


# Bare addresses


@cases(
    ("text", "address"),
    [
        ("Read https://a.example/one_two now.", "https://a.example/one_two"),
        ("At https://a.example.", "https://a.example"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("(see https://a.example/X_(y), too)", "https://a.example/X_(y)"),
        ("[https://a.example/x]", "https://a.example/x"),
        ("Is it https://a.example/x?y=1&z=2?", "https://a.example/x?y=1&amp;z=2"),
        ("**https://a.example/x**", "https://a.example/x"),
        ("*https://a.example/x*!", "https://a.example/x"),
        ("~~https://a.example~~", "https://a.example"),
        ("'https://a.example/x'", "https://a.example/x"),
        ("„https://a.example/x“", "https://a.example/x"),
        ("请看https://a.example/x，谢谢", "https://a.example/x"),
        ("见https://a.example/x。然后", "https://a.example/x"),
        ("（https://a.example/x）", "https://a.example/x"),
        ("**https://a.example/x**（公开）", "https://a.example/x"),
        ("https://a.example/?b=1&copy=2", "https://a.example/?b=1&amp;copy=2"),
        ("打开https://a.example/x查看", "https://a.example/x"),
        ("「https://a.example/x」を開く", "https://a.example/x"),
        ("https://a.example/x…", "https://a.example/x"),
        ("https://a.example/x—so", "https://a.example/x"),
        ("http://localhost:8000/x", "http://localhost:8000/x"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("https://a.example/~me/#top", "https://a.example/~me/#top"),
        ("https://a.example/a;b:c", "https://a.example/a;b:c"),
        ("https://a.example/?q=a&amp;b", "https://a.example/?q=a&amp;b"),
        ("- https://a.example\n- b", "https://a.example"),
        ("www.a.example/x, that", "http://www.a.example/x"),
        ("<https://a.example/x>", "https://a.example/x"),
    ],
)
def test_an_address_in_a_text_is_a_link(text, address):
    ((href, shown),) = links(text)
    assert href == address
    assert shown == address.removeprefix("http://" if "www." in address else "")


@cases(
    "text",
    [
        "`https://a.example`",
        "```\nhttps://a.example\n```",
        "xhttps://a.example",
        "git+https://a.example",
        "https://",
        "https://nowhere",
        "http://own@evil.example/",
        "https://own:word@evil.example/x",
        "https://a.example/{id}/x",
        "https://a.example/users/<id>",
        "https://a.example:99999/",
        "mail@www.a.example",
        "ftp://a.example",
    ],
)
def test_what_is_no_address_for_a_reader_is_no_link(text):
    assert links(text) == []


def test_a_link_within_a_links_text_is_none():
    assert links("[at https://b.example](https://a.example)") == [
        ("https://a.example", "at https://b.example")
    ]


# Who is behind a link


@cases(
    "text",
    [
        "[x](http://own@evil.example/)",
        "<http://own@evil.example/>",
        r"[x](https://a.example\@evil.example/)",
    ],
)
def test_a_name_before_the_host_makes_it_no_link(text):
    assert links(text) == []


@cases(
    "shown",
    [
        "https://bank.example",
        "bank.example",
        "www.bank.example/login",
        "go to bank.example now",
        "https://evil.example@bank.example",
        "bank．example",
        "ba\u200bnk.example",
        "\u202eelpmaxe.knab",
        "**bank.example**",
    ],
)
def test_words_that_look_like_an_address_have_the_real_host_beside_them(shown):
    html = render_markdown(f"[{shown}](https://www.evil.example/x)")
    assert "</a> (evil.example) [1]" in html


@cases(
    ("shown", "address"),
    [
        ("bank.example", "https://bank.example/start"),
        ("bank.example", "https://www.bank.example/start"),
        ("bank.example", "https://online.bank.example/start"),
        ("Node.js", "https://a.example"),
        ("the end.", "https://a.example"),
        ("e.g. this", "https://a.example"),
        ("version 3.11", "https://a.example"),
    ],
)
def test_other_words_have_none(shown, address):
    assert "</a> [1]" in render_markdown(f"[{shown}]({address})")


@cases("shown", ["https://a.example/x", "a.example/x", "https://a.example/x/"])
def test_a_text_that_is_the_address_has_no_number(shown):
    assert "[1]" not in render_markdown(f"[{shown}](https://a.example/x)")


def test_a_title_is_dropped():
    html = render_markdown(
        '[words](https://a.example "a hint") and ![p](https://a.example/p "hint")'
    )
    assert "hint" not in html


def test_addresses_are_listed_as_a_reader_can_read_them():
    html = render_markdown("[a](https://a.example/wiki/%D0%AF%20%E4%B8%AD?x=%26%E2%80%AE%FF)")
    assert html.endswith(">https://a.example/wiki/Я%20中?x=%26%E2%80%AE%FF</a></p>")
    assert 'href="https://a.example/wiki/%D0%AF%20' in html


# References


DEFINED = """

[1]: https://one.example/
[docs]: <https://docs.example/> "Docs"
[Some Label]: https://some.example/ 'x'
"""


@cases(
    ("text", "html"),
    [
        ("the [first page][1] of", 'the <a href="https://one.example/">first page</a> [1] of'),
        ("the [manual][docs]", 'the <a href="https://docs.example/">manual</a> [docs]'),
        ("as said[1]", 'as said[<a href="https://one.example/">1</a>]'),
        ("as said [1][2]", 'as said [<a href="https://one.example/">1</a>][2]'),
        ("[Docs]", '[<a href="https://docs.example/">Docs</a>]'),
        ("[docs][]", '<a href="https://docs.example/">docs</a>'),
        ("[words][some  LABEL]", '[<a href="https://some.example/">words</a>][some  LABEL]'),
        ("[x][1]", '<a href="https://one.example/">x</a> [1]'),
        ("![x][1]", '<a href="https://one.example/">x</a> [1]'),
        ("![a map][1]", '<a href="https://one.example/">a map</a> [1]'),
        ("**[bold one][1]**", '<strong><a href="https://one.example/">bold one</a> [1]</strong>'),
        ("[*some* words][1]", '<a href="https://one.example/"><em>some</em> words</a> [1]'),
        ("row[i][1] and [0][1]", None),
        ("[Your Name][Date]", None),
        ("[bank.example][1]", "bank.example [1]"),
        ("`[docs]`", None),
    ],
)
def test_references_find_their_definitions(text, html):
    shown = str(render_markdown(text + DEFINED)).replace(' rel="nofollow noreferrer"', "")
    first = shown.partition("</p>")[0].removeprefix("<p>")
    if html is None:
        assert re.sub(r"</?(a|code)\b[^>]*>", "", first) == text.strip("`")
    else:
        assert first == html


def test_definitions_stay_as_a_list_of_addresses():
    html = str(render_markdown("a" + DEFINED)).replace(' rel="nofollow noreferrer"', "")
    assert html == (
        '<p>a</p><p>[1] <a href="https://one.example/">https://one.example/</a><br>'
        '[docs] <a href="https://docs.example/">https://docs.example/</a><br>'
        '[Some Label] <a href="https://some.example/">https://some.example/</a></p>'
    )


@cases("text", ["See the [first page][1] and [docs].", "[x y][1] [docs][] ![a b][1]"])
def test_a_definition_that_comes_late_changes_no_word(text):
    before = assert_safe(render_markdown(text)).text
    assert assert_safe(render_markdown(text + DEFINED)).text.startswith(before)


def test_what_leads_nowhere_on_the_web_is_no_definition():
    assert assert_safe(render_markdown("[a]\n\n[a]: /ask")).text == "[a][a]: /ask"


# Footnotes


def test_footnotes_lead_to_each_other():
    html = render_markdown("So[^1], so[^1], also[^why].\n\n[^1]: One.\n[^why]: Two.")
    assert html == (
        '<p>So<sup><a id="r-1" href="#f-1">1</a></sup>, so<sup><a href="#f-1">1</a></sup>,'
        ' also<a id="r-why" href="#f-why">[^why]</a>.</p>'
        '<p><sup><a id="f-1" href="#r-1">1</a></sup> One.<br>'
        '<a id="f-why" href="#r-why">[^why]</a>: Two.</p>'
    )


def test_the_footnotes_of_two_answers_on_a_page_are_told_apart():
    html = Growing(name="abc").html("So[^1].", ended=True)
    assert 'id="rabc-1" href="#fabc-1"' in html


@cases("text", ["[^abc]+", "/[^xy]/", "[^a-z]", "([^abc])", "[^x]*", "`[^1]`", "[^aeiou]"])
def test_a_set_of_characters_is_no_footnote(text):
    assert assert_safe(render_markdown(f"Use {text} here")).text == f"Use {text.strip('`')} here"


# Pictures


@cases(
    ("text", "shown"),
    [
        ("![a cat](https://a.example/c.png)", "a cat [1]"),
        ("![](https://a.example/c.png)", "https://a.example/c.png"),
        ("![a *cat*](<https://a.example/c d.png>)", "a cat [1]"),
        ("![a cat](cat.png)", "a cat (cat.png)"),
        ("![](cat.png)", "cat.png"),
        ("![a cat](data:image/png;base64,iVBORw0KGgo=)", "a cat"),
        ("[![built](https://b.example/b.svg)](https://a.example)", "built [1]"),
        ("Wow![^1]", "Wow!1"),
        ("Hi ![not", "Hi ![not"),
    ],
)
def test_a_picture_is_its_description(text, shown):
    assert assert_safe(str(render_markdown(text)).partition("<hr>")[0]).text == shown
