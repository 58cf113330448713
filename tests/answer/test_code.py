"""Code: marked by weight, broken in sight, and not a letter changed."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindlechat.rendering.answer.code import LANGUAGES, mark_code
from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.answer.tables import WIDE
from tests.answer.rendered import Seen, assert_safe, render_markdown
from tests.cases import cases


def test_code_is_marked_by_weight():
    html = render_markdown("```python\ndef less(a, b):  # a < b\n    return a < b\n```")
    assert html == (
        "<pre><code><strong>def</strong> <u>less</u>(a, b):  <em># a &lt; b</em>\n"
        "    <strong>return</strong> a &lt; b\n</code></pre>"
    )


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@given(st.text("ab \n\"'/*<>#{}();=0", max_size=200))
@settings(max_examples=20)
def test_marks_change_no_letter(language, code):
    assert Seen(mark_code(code, language)).text == code


def test_what_is_no_code_is_not_marked():
    assert mark_code("if x", "nonsense") == "if x"
    long = "if x:\n" * 1000
    marked = mark_code(long, "python")
    assert Seen(marked).text == long
    assert 300 <= marked.count("<strong>") < 400, "up to a bound"
    assert mark_code("if x\n" + "if " * 200, "python").count("<strong>") == 1


# Long lines


def lines(code, language="python", columns=45):
    html = Growing(columns).html(f"```{language}\n{code}\n```", ended=True)
    return assert_safe(html).text.removesuffix("\n").split("\n")


LONG = "    total = first_value + second_value + third_value + fourth_value"


def test_a_long_line_goes_on_below_its_own_indentation():
    first, *others = lines(LONG)
    assert first.startswith("    total")
    assert others
    assert all(line.startswith("    »\xa0") for line in others)
    assert all(len(line.rstrip()) <= 38 for line in (first, *others))


@cases("language", ["python", "", "bash", "nonsense"])
@cases(
    "line",
    [LONG, "\t\tx = call(" + "word, " * 20 + ")", "x" * 100, "中文" * 30, '# it\'s <b> & "c" ' * 5],
)
def test_no_sign_of_a_long_line_is_lost(line, language):
    shown = "\n".join(lines(line, language))
    assert len(shown.split("\n")) > 1
    assert re.sub(r"\n\s*»\xa0", "", shown) == line


def test_a_line_is_broken_after_a_blank_or_a_sign():
    first, second, *_ = lines("result = some_module.some_function(argument_one, argument_two)")
    assert first == "result = some_module.some_function("
    assert second == "»\xa0argument_one, argument_two)"


def test_marks_go_on_in_the_next_line():
    html = Growing(20).html("```python\nx = 1  # a comment that is long\n```", ended=True)
    assert html.count("<em>") == html.count("</em>") == 1
    assert "\n»\xa0" in html


@cases(
    ("code", "language"),
    [
        ("+ added " + "word " * 20, "diff"),
        ("┌" + "─" * 60 + "┐\n│ box" + " " * 56 + "│", ""),
        ("├── src/main.py" + " " * 20 + "# where it all begins", ""),
        ("├── " + "long name " * 10, "python"),
        ("+------+" + "-" * 50 + "+", ""),
        ("| a | " + "b " * 30 + "|", "text"),
        ("name\tvalue\tsomething long that stands in a third column", "text"),
        ("name      value      something long in a third column", ""),
    ],
)
def test_what_stands_in_columns_is_not_broken(code, language):
    assert "\n".join(lines(code, language)) == code


def test_a_wide_screen_breaks_no_line():
    assert lines(LONG * 3, columns=WIDE) == [LONG * 3]


def test_the_last_word_of_code_that_goes_on_waits_for_its_line():
    growing = Growing()
    assert growing.html("```\nwords and wor", ended=False) == "<pre><code>words and </code></pre>"
    assert growing.html("```\nwords and words\n", ended=False) == (
        "<pre><code>words and words\n</code></pre>"
    )


# Fences within fences


@cases("info", ["markdown", "md", "Markdown title"])
def test_a_fence_of_markdown_ends_with_its_own_end(info):
    html = render_markdown(f"```{info}\n# T\n```python\nx\n```\n\n```\n\nAfter *it*\n")
    assert html == "<pre><code># T\n```python\nx\n```\n\n</code></pre><p>After <em>it</em></p>"


def test_a_fence_in_a_fence_of_markdown_may_have_no_name():
    html = render_markdown("```md\nSo:\n```\na\n```\n## T\n```js\nb\n```\n```\n\nAfter")
    assert html.endswith("</code></pre><p>After</p>")
    assert html.count("<pre>") == 1


def test_a_fence_of_markdown_without_fences_ends_as_any_other():
    assert render_markdown("```md\na\n```\nb").endswith("<p>b</p>")
    assert render_markdown("````md\n```\na\n````\nb").endswith("<p>b</p>")
    assert render_markdown("- ```md\n  a\n\nb").endswith("<p>b</p>")
    assert render_markdown("```python\n```js\n```\nb").endswith("<p>b</p>")
