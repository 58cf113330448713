"""How a formula that stands in lines of its own is marked in an answer. Pure."""

import re

from kindlechat.rendering.answer.tree import Element

CLASS = "maths"
"""Of the element, for the style sheet."""

TALL = re.compile(rf'<pre class="{CLASS}" role="img" aria-label="([^"]*)">')


def is_formula(pre: Element) -> bool:
    """Whether an element for code is a formula in lines."""
    return TALL.match(pre.start) is not None
