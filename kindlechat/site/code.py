"""Blocks of code in posts: marked by weight, left to right in every language, long lines broken in sight."""

from kindlechat.rendering.answer.code import code_nodes
from kindlechat.rendering.answer.long_lines import NARROW_BEGINS, NARROW_ENDS, break_code
from kindlechat.rendering.answer.tree import to_html

NARROW, WIDE = 42, 60
"""How many signs of code stand on a line of an e-reader and of a desktop. The style sheet shows those breaks
that only e-readers need to them alone, so that nobody copies them with the code."""


def code_block(code: str, language: str) -> str:
    """The HTML of a block. `language` is what its fence says, such as "python", or ""."""
    name = language.split()[0] if language.split() else ""
    html = to_html(break_code(code_nodes(code, name), NARROW, WIDE, name))
    html = html.replace(NARROW_BEGINS, '<span class="narrow" hidden>').replace(
        NARROW_ENDS, "</span>"
    )
    return f'<pre dir="ltr"><code>{html}</code></pre>\n'
