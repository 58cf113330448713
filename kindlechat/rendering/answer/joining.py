"""Puts the blocks of an answer together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from kindlechat.rendering.answer.direction import list_with_direction, longer_list
from kindlechat.rendering.answer.markdown import Block
from kindlechat.rendering.answer.numbering import is_jump, numbered
from kindlechat.rendering.answer.tree import Element, Node, Nodes


@dataclass(frozen=True, slots=True)
class Joined:
    """The nodes of blocks, the items of a list in its element.

    `list_kind` is that of the list at their end, which the next item may belong to, and `number` what the
    model gave its last item.
    """

    nodes: Nodes = ()
    list_kind: str = ""
    number: int = 0

    def with_blocks(self, blocks: Iterable[Block]) -> "Joined":
        """These, and more blocks after them."""
        nodes, open_kind, number = [*self.nodes], self.list_kind, self.number
        for kind, group in groupby(blocks, key=lambda block: block.list_kind):
            members = [*group]
            before = number if kind == open_kind else members[0].number
            within = tuple(_items(members, before))
            if not kind:
                nodes += within
            elif kind == open_kind and isinstance(last := nodes[-1], Element):
                nodes[-1] = longer_list(last, within)
            else:
                nodes.append(list_with_direction(members[0].list_tag, within))
            open_kind, number = kind, members[-1].number
        return Joined(tuple(nodes), open_kind, number)


def _items(blocks: Iterable[Block], before: int) -> Iterator[Node]:
    """The nodes of blocks, items with their numbers where these do not follow from those `before`."""
    for block in blocks:
        jumps = block.list_kind and is_jump(block.number, before)
        yield from (numbered(node, block.number) if jumps else node for node in block.nodes)
        before = block.number
