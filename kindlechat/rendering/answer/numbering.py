"""The numbers of lists, as the model wrote them (pure).

A list in HTML counts on by itself. Where the model's number is another one than the next, the item says so.
"""

import re
from collections.abc import Iterable

from markdown_it.token import Token

from kindlechat.rendering.answer.tree import Element, Node
from kindlechat.rendering.safety.checkpoint import paced

VALUE = re.compile(r' value="(\d+)"')


def is_jump(number: int, before: int) -> bool:
    """Whether a number is not the one after that of the item before: the same again counts on, for some
    write `1.` before each item."""
    return number not in (before, before + 1)


def numbered(item: Node, number: int) -> Node:
    """An item that has this number, whatever those before it have."""
    if isinstance(item, str):
        return item
    return Element(item.tag, f'{item.start[:-1]} value="{number}">', item.children)


def number_items(tokens: Iterable[Token]) -> None:
    """Note on the items of each list in the parser's tokens which numbers do not follow from those before."""
    before: list[int] = []
    for token in paced(tokens):
        if token.type == "ordered_list_open":
            before.append(-1)
        elif token.type == "ordered_list_close":
            before.pop()
        elif token.type == "list_item_open" and token.info and before:
            number = int(token.info)
            if before[-1] >= 0 and is_jump(number, before[-1]):
                token.attrs["value"] = number
            before[-1] = number
