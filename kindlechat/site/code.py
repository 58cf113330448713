"""Blocks of code in posts: marked by weight, left to right in every language, long lines broken in sight."""

from kindlechat.rendering.answer.code import code_nodes
from kindlechat.rendering.answer.long_lines import break_code
from kindlechat.rendering.answer.tree import to_html

COLUMNS = 60
"""The longest line of code. A screen that shows fewer breaks it once more."""


def code_block(code: str, language: str) -> str:
    """The HTML of a block. `language` is what its fence says, such as "python", or ""."""
    name = language.split()[0] if language.split() else ""
    nodes = break_code(code_nodes(code, name), COLUMNS, name)
    return f'<pre dir="ltr"><code>{to_html(nodes)}</code></pre>\n'
