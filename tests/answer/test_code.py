"""Code: marked by weight, and not a letter changed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindlechat.rendering.answer.code import LANGUAGES, mark_code
from tests.answer.tools import Seen, render_markdown


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
