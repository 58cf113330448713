"""Draws the pictures of the site and the README in greys: `python -m harness.diagrams`. Look at each.

They are as wide as the text on a 600-pixel screen, so that no screen shrinks their letters.
"""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from harness.servers import ROOT

FOLDER = ROOT / "site/images"
STATIC = ROOT / "site/static"

WIDTH = 520
SIZE, SMALL_SIZE = 19, 16
LINE_HEIGHT = 1.3
BLACK, GREY, LIGHT, WHITE = 0, 85, 221, 255
LINE = 2
HEAD = 8
CARD = (1200, 630)
"""The size in pixels of the picture that other sites show beside a link to ours."""
ICON = 32
SETTLED_WORDS = 3

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


class Diagram:
    """A picture to draw on."""

    def __init__(self, height: int) -> None:
        self._image = Image.new("L", (WIDTH, height), WHITE)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, box: Box, *lines: str, fill: int = WHITE, size: int = SIZE) -> Box:
        """A box with text."""
        corners = (box.left, box.top, box.left + box.width, box.bottom)
        self._draw.rectangle(corners, fill=fill, outline=BLACK, width=LINE)
        self.text((box.x, box.top + box.height / 2), *lines, size=size)
        return box

    def text(self, middle: Point, *lines: str, size: int = SMALL_SIZE, anchor: str = "mm") -> None:
        """Lines of text around a point, or beginning at it (anchor "lm")."""
        step = size * LINE_HEIGHT
        top = middle[1] - step * (len(lines) - 1) / 2
        for number, line in enumerate(lines):
            place = (middle[0], top + number * step)
            self._draw.text(
                place, line, fill=BLACK, font=ImageFont.load_default(size), anchor=anchor
            )

    def arrow(self, *points: Point) -> None:
        """An arrow along the points; its last part is level or upright."""
        self._draw.line(points, fill=BLACK, width=LINE)
        (x, y), (before_x, before_y) = points[-1], points[-2]
        step_x, step_y = _sign(x - before_x), _sign(y - before_y)
        back_x, back_y = x - HEAD * step_x, y - HEAD * step_y
        side_x, side_y = step_y * HEAD / 2, step_x * HEAD / 2
        head = ((x, y), (back_x + side_x, back_y + side_y), (back_x - side_x, back_y - side_y))
        self._draw.polygon(head, fill=BLACK)

    def save(self, name: str) -> None:
        """Write it as a PNG file."""
        self._image.save(FOLDER / name, optimize=True)


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def draw_flow() -> None:
    """The way of a question to the model, and of the words to every reader."""
    diagram = Diagram(420)
    model = diagram.box(Box(150, 8, 220, 44), "Gemini, the model")
    producer = diagram.box(Box(150, 110, 220, 44), "one producer")
    log = diagram.box(
        Box(60, 212, 400, 64),
        "the answer, written down",
        "Sunlight is a mix of colours …",
        fill=LIGHT,
        size=SMALL_SIZE + 1,
    )
    diagram.arrow((model.x, model.bottom), (model.x, producer.top))
    diagram.text((model.x + 12, 81), "words, read once", anchor="lm")
    diagram.arrow((producer.x, producer.bottom), (producer.x, log.top))
    diagram.text((model.x + 12, 183), "stored, then shown", anchor="lm")
    readers = (("a phone", "streams"), ("an old Kindle", "asks twice a second"), ("w3m", "reloads"))
    for left, width, lines in zip((30, 160, 370), (110, 190, 120), readers, strict=True):
        reader = diagram.box(Box(left, 350, width, 60), *lines, size=SMALL_SIZE)
        diagram.arrow((reader.x, log.bottom), (reader.x, reader.top))
    diagram.text((267, 313), "each from where it is", anchor="lm")
    diagram.arrow((30, 380), (14, 380), (14, 132), (producer.left, 132))
    diagram.arrow((producer.left, 118), (100, 118), (100, 30), (model.left, 30))
    diagram.text((22, 160), "question", anchor="lm")
    diagram.save("flow.png")


def draw_cursors() -> None:
    """A log with a place in it for every reader."""
    diagram = Diagram(250)
    words = ("Sunlight", "is", "a mix", "of", "colours.", "Air", "…")
    widths = (92, 40, 68, 40, 90, 52, 50)
    left = 40.0
    edges = []
    for word, width in zip(words, widths, strict=True):
        box = diagram.box(Box(left, 92, width, 46), word, fill=LIGHT, size=SMALL_SIZE)
        left = box.left + box.width
        edges.append(left)
    diagram.text((edges[5] - 26, 28), "the worker", "appends here")
    diagram.arrow((edges[5], 56), (edges[5], 90))
    marks = ((edges[1], "asleep since", "cursor 11"), (edges[3], "poll", "cursor 20"))
    for x, *lines in (*marks, (edges[5], "stream", "cursor 33")):
        diagram.text((x, 212), *lines)
        diagram.arrow((x, 184), (x, 140))
    diagram.save("cursors.png")


def draw_pieces() -> None:
    """An event that comes in pieces which end anywhere."""
    diagram = Diagram(250)
    diagram.text((20, 22), "What was sent:", anchor="lm")
    diagram.box(Box(20, 42, 480, 44), 'data: {"text": "caf\\xc3\\xa9"} \\n \\n', fill=LIGHT)
    diagram.text((20, 124), "What came:", anchor="lm")
    left = 20
    for width, text in ((190, 'data: {"text": "caf\\xc3'), (170, '\\xa9"} \\n'), (96, "\\n")):
        diagram.box(Box(left, 144, width, 44), text, size=SMALL_SIZE)
        left += width + 12
    diagram.text(
        (20, 226), "A letter of two bytes came in two, and so did the event's end.", anchor="lm"
    )
    diagram.save("pieces.png")


def draw_settled() -> None:
    """What of a growing text is shown, and what still waits."""
    diagram = Diagram(190)
    left = 20.0
    words = (
        ("The", 56),
        ("result", 76),
        ("is", 40),
        ("**not", 76),
        ("5,", 44),
        ("but", 56),
        ("…", 44),
    )
    for number, (word, width) in enumerate(words):
        box = Box(left, 72, width, 46)
        diagram.box(box, word, fill=LIGHT if number < SETTLED_WORDS else WHITE, size=SMALL_SIZE)
        left += width + 8
        if number == SETTLED_WORDS - 1:
            edge = left - 4
    diagram.arrow((edge, 30), (edge, 68))
    diagram.arrow((edge, 160), (edge, 122))
    diagram.text((edge - 12, 150), "settled: shown", anchor="rm")
    diagram.text((edge + 12, 150), "open: waits", anchor="lm")
    diagram.text((edge, 16), "nothing before this can change")
    diagram.save("settled.png")


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
    draw_flow()
    draw_cursors()
    draw_pieces()
    draw_settled()


if __name__ == "__main__":
    main()
