"""QR codes, as pictures of whole pixels and as text (pure)."""

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import segno

PIXELS = 6
"""Of a module's side: a screen of 300 dots an inch shows it half a millimetre wide, which phones can read."""

BORDER = 4
"""Modules around the code that stay white, as the standard wants."""

TEXT_BORDER = 2
"""The same where lines of text are few: phones make do with it."""

HALVES = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
"""Two modules, one above the other, as a character of a terminal, whose ground is dark."""


def qr_png(text: str) -> tuple[bytes, int]:
    """The QR code of a text as a PNG, and the width of its side in pixels."""
    code, out = _code(text), BytesIO()
    code.save(out, kind="png", scale=PIXELS, border=BORDER)
    return out.getvalue(), int(code.symbol_size(PIXELS, BORDER)[0])


def qr_text(text: str) -> str:
    """The same in half blocks, two rows of modules in a line of text, written as HTML in ASCII: so nobody
    replaces them by signs that a typeface has."""
    rows = [[*row] for row in _code(text).matrix_iter(border=TEXT_BORDER)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    lines = ("".join(map(HALVES.__getitem__, zip(*pair, strict=True))) for pair in pairs)
    return "\n".join(lines).encode("ascii", "xmlcharrefreplace").decode()


def _code(text: str) -> "segno.QRCode":
    # It takes a worker 1 MB, where nobody pairs a phone for nothing.
    import segno

    return segno.make_qr(text, error="l", boost_error=False)
