"""Fits a block to the reader's screen, and numbers its links within the answer."""

from kindlechat.rendering.answer.code import without_marks
from kindlechat.rendering.answer.direction import with_directions
from kindlechat.rendering.answer.links import Links, number_links
from kindlechat.rendering.answer.long_lines import break_long_lines, code_columns
from kindlechat.rendering.answer.maths.fitting import fit_formulas
from kindlechat.rendering.answer.tables import fit_tables
from kindlechat.rendering.answer.tree import Nodes


def fit_block(
    nodes: Nodes,
    html: str,
    columns: int,
    links: Links,
    *,
    whole: bool,
    drawn: bool = True,
    only_grows: bool = False,
) -> Nodes:
    """The nodes of a block for lines of `columns` letters, with its links numbered after `links`.

    `html` is that of the nodes: most blocks have nothing to fit, and this is the quickest way to see it.
    A block that is not `whole` may go on: what nobody can tell the look of yet is left out. Formulas
    are `drawn` in lines of characters where the typeface has the signs. On a page that `only_grows`
    nothing has a look that depends on what comes later.
    """
    if only_grows and "<code" in html:
        nodes = without_marks(nodes)
    if "<pre" in html:
        nodes = fit_formulas(nodes, code_columns(columns) if drawn else 0)
    if "<table" in html:
        nodes = fit_tables(nodes, columns, ended=whole)
    if "<pre" in html:
        nodes = break_long_lines(nodes, columns, ended=whole)
    if "<a" in html or "[" in html:
        nodes = number_links(nodes, links)
    if "<a" in html or not html.isascii():
        nodes = with_directions(nodes, early=only_grows)
    return nodes
