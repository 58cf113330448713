"""Draws the pictures of the site and the README in greys: `python -m harness.diagrams`. Look at each.

They are as wide as the text on a 600-pixel screen, so that no screen shrinks their letters. Each language has
its own, with the typeface that fontconfig has for its letters.
"""

import io
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from harness.diagram_words import CURSORS, FLOW, PIECES, SETTLED
from harness.servers import ROOT
from kindlechat.site.pictures import to_grey

FOLDER = ROOT / "site/images"
STATIC = ROOT / "site/static"

WIDTH = 520
SIZE, SMALL_SIZE, LEAST_SIZE = 19, 16, 13
LINE_HEIGHT = 1.3
PAD = 14
"""What a box has beside its text, on both sides together."""

ENGLISH = "en"
FONT_LANGUAGES = {"zh-Hans": "zh-cn", "pt-BR": "pt-br"}
"""Fontconfig's names of languages, where they are not ours."""

BLACK, GREY, LIGHT, WHITE = 0, 85, 221, 255
LINE = 2
HEAD = 8
CARD = (1200, 630)
"""The size in pixels of the picture that other sites show beside a link to ours."""
ICON = 32
SETTLED_WORDS = 3
MARKED = (1, 3, 5)
"""Behind which words of the log the readers are."""

WORKER = MARKED[-1]
GAP = 8

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A box with lines of text in its middle; left, top, width and height in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def x(self) -> float:
        """The middle from left to right."""
        return self.left + self.width / 2

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.top + self.height


@cache
def font_of(language: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A typeface with a language's letters."""
    if language == ENGLISH:
        return ImageFont.load_default(size)
    wanted = f"sans:lang={FONT_LANGUAGES.get(language, language)}"
    found = subprocess.run(
        ["fc-match", "-f", "%{file}", wanted], check=True, capture_output=True, text=True
    )
    return ImageFont.truetype(found.stdout, size)


class Diagram:
    """A picture to draw on, for one language."""

    def __init__(self, language: str, height: int) -> None:
        self._language = language
        self._image = Image.new("L", (WIDTH, height), WHITE)
        self._draw = ImageDraw.Draw(self._image)

    def width_of(self, text: str, size: int = SMALL_SIZE) -> float:
        """How wide a line is, in pixels."""
        return font_of(self._language, size).getlength(text)

    def box(self, box: Box, *lines: str, fill: int = WHITE, size: int = SIZE) -> Box:
        """A box with text."""
        corners = (box.left, box.top, box.left + box.width, box.bottom)
        self._draw.rectangle(corners, fill=fill, outline=BLACK, width=LINE)
        while max(self.width_of(line, size) for line in lines) > box.width - PAD:
            size -= 1
            if size < LEAST_SIZE:
                raise ValueError(f"{lines} does not fit into {box.width} pixels")
        self.text((box.x, box.top + box.height / 2), *lines, size=size)
        return box

    def text(self, middle: Point, *lines: str, size: int = SMALL_SIZE, anchor: str = "mm") -> None:
        """Lines of text around a point, or beginning at it (anchor "lm")."""
        step = size * LINE_HEIGHT
        top = middle[1] - step * (len(lines) - 1) / 2
        font = font_of(self._language, size)
        for number, line in enumerate(lines):
            place = (middle[0], top + number * step)
            left, _, right, _ = self._draw.textbbox(place, line, font=font, anchor=anchor)
            beyond = min(0, WIDTH - right) - min(0, left) if anchor == "mm" else 0
            if left + beyond < 0 or right + beyond > WIDTH:
                raise ValueError(f"{line!r} is beside the picture")
            place = (place[0] + beyond, place[1])
            self._draw.text(place, line, fill=BLACK, font=font, anchor=anchor)

    def arrow(self, *points: Point) -> None:
        """An arrow along the points; its last part is level or upright."""
        self._draw.line(points, fill=BLACK, width=LINE)
        (x, y), (before_x, before_y) = points[-1], points[-2]
        step_x, step_y = _sign(x - before_x), _sign(y - before_y)
        back_x, back_y = x - HEAD * step_x, y - HEAD * step_y
        side_x, side_y = step_y * HEAD / 2, step_x * HEAD / 2
        head = ((x, y), (back_x + side_x, back_y + side_y), (back_x - side_x, back_y - side_y))
        self._draw.polygon(head, fill=BLACK)

    def row(self, top: float, words: Sequence[str], fills: Sequence[int], gap: float) -> list[Box]:
        """Boxes beside each other in the middle, each as wide as its word."""
        widths = [round(self.width_of(word)) + 2 * PAD for word in words]
        total = sum(widths) + gap * (len(words) - 1)
        spare = min(0, WIDTH - LINE - total) / len(words)
        left = (WIDTH - total - spare * len(words)) / 2
        boxes = []
        for word, width, fill in zip(words, widths, fills, strict=True):
            box = Box(left, top, width + spare, 46)
            boxes.append(self.box(box, word, fill=fill, size=SMALL_SIZE))
            left += box.width + gap
        return boxes

    def save(self, name: str) -> None:
        """Write it as a PNG file in 16 greys, which a build takes as it is. The English one has no language
        in its name."""
        language = "" if self._language == ENGLISH else f"-{self._language.lower()}"
        drawn = io.BytesIO()
        self._image.save(drawn, "PNG")
        grey = to_grey(drawn.getvalue())
        (FOLDER / f"{name}{language}{grey.suffix}").write_bytes(grey.data)


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def draw_flow(language: str) -> None:
    """The way of a question to the model, and of the words to every reader."""
    words = FLOW[language]
    diagram = Diagram(language, 420)
    model = diagram.box(Box(150, 8, 220, 44), words.model)
    producer = diagram.box(Box(150, 110, 220, 44), words.producer)
    log = diagram.box(Box(60, 212, 400, 64), *words.written, fill=LIGHT, size=SMALL_SIZE + 1)
    diagram.arrow((model.x, model.bottom), (model.x, producer.top))
    diagram.text((model.x + 12, 81), words.read, anchor="lm")
    diagram.arrow((producer.x, producer.bottom), (producer.x, log.top))
    diagram.text((model.x + 12, 183), words.stored, anchor="lm")
    for left, width, lines in zip((30, 160, 370), (110, 190, 120), words.readers, strict=True):
        reader = diagram.box(Box(left, 350, width, 60), *lines, size=SMALL_SIZE)
        diagram.arrow((reader.x, log.bottom), (reader.x, reader.top))
    diagram.text((267, 313), *words.each, anchor="lm")
    diagram.arrow((30, 380), (14, 380), (14, 132), (producer.left, 132))
    diagram.arrow((producer.left, 118), (100, 118), (100, 30), (model.left, 30))
    diagram.text((22, 160), words.question, anchor="lm")
    diagram.save("flow")


def draw_cursors(language: str) -> None:
    """A log with a place in it for every reader. A cursor counts the signs before it."""
    words = CURSORS[language]
    diagram = Diagram(language, 250)
    boxes = diagram.row(92, words.log, [LIGHT] * len(words.log), gap=0)
    edges = [box.left + box.width for box in boxes]
    diagram.text((edges[WORKER] - 26, 28), *words.worker)
    diagram.arrow((edges[WORKER], 56), (edges[WORKER], 90))
    for place, reader in zip(MARKED, words.readers, strict=True):
        cursor = len(" ".join(words.log[: place + 1]))
        diagram.text((edges[place], 212), reader, f"{words.cursor} {cursor}")
        diagram.arrow((edges[place], 184), (edges[place], 140))
    diagram.save("cursors")


def draw_pieces(language: str) -> None:
    """An event that comes in pieces which end anywhere."""
    words = PIECES[language]
    diagram = Diagram(language, 250)
    diagram.text((20, 22), words.sent, anchor="lm")
    diagram.box(Box(20, 42, 480, 44), 'data: {"text": "caf\\xc3\\xa9"} \\n \\n', fill=LIGHT)
    diagram.text((20, 124), words.came, anchor="lm")
    left = 20
    for width, text in ((190, 'data: {"text": "caf\\xc3'), (170, '\\xa9"} \\n'), (96, "\\n")):
        diagram.box(Box(left, 144, width, 44), text, size=SMALL_SIZE)
        left += width + 12
    diagram.text((20, 222), *words.lesson, anchor="lm")
    diagram.save("pieces")


def draw_settled(language: str) -> None:
    """What of a growing text is shown, and what still waits."""
    words = SETTLED[language]
    diagram = Diagram(language, 190)
    fills = [LIGHT if number < SETTLED_WORDS else WHITE for number in range(len(words.text))]
    boxes = diagram.row(72, words.text, fills, GAP)
    edge = boxes[SETTLED_WORDS].left - GAP / 2
    diagram.arrow((edge, 30), (edge, 68))
    diagram.arrow((edge, 160), (edge, 122))
    diagram.text((edge - 12, 150), words.shown, anchor="rm")
    diagram.text((edge + 12, 150), words.waits, anchor="lm")
    diagram.text((edge, 16), words.rule)
    diagram.save("settled")


def draw_card() -> None:
    """The picture that stands for a page where its address is shared."""
    image = Image.new("L", CARD, WHITE)
    draw = ImageDraw.Draw(image)
    width, height = CARD
    draw.rectangle((0, 0, width - 1, height - 1), outline=BLACK, width=12)
    middle = width / 2
    for place, size, text in (
        (height * 0.42, 150, "Kindlechat"),
        (height * 0.68, 48, "Ask, and read the answer on any screen"),
    ):
        font = ImageFont.load_default(size)
        draw.text((middle, place), text, fill=BLACK, font=font, anchor="mm")
    image.quantize(16).save(STATIC / "card.png", optimize=True)


def draw_favicon() -> None:
    """The letter that browsers show beside the title."""
    image = Image.new("L", (ICON, ICON), WHITE)
    font = ImageFont.load_default(ICON)
    ImageDraw.Draw(image).text((ICON / 2, ICON / 2), "K", fill=BLACK, font=font, anchor="mm")
    image.save(STATIC / "favicon.ico", sizes=[(ICON, ICON)])


def main() -> None:
    """Draw all of them."""
    for folder in (FOLDER, STATIC):
        Path(folder).mkdir(exist_ok=True)
    draw_card()
    draw_favicon()
    for draw, languages in (
        (draw_flow, FLOW),
        (draw_cursors, CURSORS),
        (draw_pieces, PIECES),
        (draw_settled, SETTLED),
    ):
        for language in languages:
            draw(language)


if __name__ == "__main__":
    main()
