"""Puts the blocks of an answer together."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from kindlechat.rendering.answer.direction import list_with_direction, longer_list
from kindlechat.rendering.answer.markdown import Block
from kindlechat.rendering.answer.tree import Element, Nodes


@dataclass(frozen=True, slots=True)
class Joined:
    """The nodes of blocks, the items of a list in its element.

    `list_kind` is that of the list at their end, which the next item may belong to.
    """

    nodes: Nodes = ()
    list_kind: str = ""

    def with_blocks(self, blocks: Iterable[Block]) -> "Joined":
        """These, and more blocks after them."""
        nodes, open_kind = [*self.nodes], self.list_kind
        for kind, group in groupby(blocks, key=lambda block: block.list_kind):
            members = [*group]
            within = tuple(node for block in members for node in block.nodes)
            if not kind:
                nodes += within
            elif kind == open_kind and isinstance(last := nodes[-1], Element):
                nodes[-1] = longer_list(last, within)
            else:
                nodes.append(list_with_direction(members[0].list_tag, within))
            open_kind = kind
        return Joined(tuple(nodes), open_kind)
