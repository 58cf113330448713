"""Screens: those of devices that readers know by name, and the one that a script has measured."""

import re
from dataclasses import dataclass
from pathlib import Path

from kindlechat.rendering.device.faces import DEJAVU, NOTO, is_key

FACES = {"dejavu": DEJAVU, "noto": NOTO}

TYPE_SIZES = {600: 24, 732: 24, 758: 30, 824: 22, 1072: 43, 1236: 43, 1264: 43, 1404: 40, 1860: 43}
"""The size of the type by the width of the screen, in dots: the style sheet's."""

TYPE_SIZE = 18

LEAST, MOST = 200, 9999
"""How wide and high a page can be."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a device's browser leaves for a page, and the type that the style sheet gives it, in dots.

    `face` is the key of the typeface, see `faces`; `devices` are names.
    """

    width: int
    height: int
    type_size: float
    face: str = DEJAVU
    devices: str = ""


def load_screens(file: Path = Path(__file__).parent / "devices.txt") -> dict[str, Screen]:
    """The screens of devices by their dots, such as "600x800"."""
    screens = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            dots, page, face, devices = line.split(maxsplit=3)
            width, height = map(int, page.split("x"))
            type_size = TYPE_SIZES.get(int(dots.split("x")[0]), TYPE_SIZE)
            screens[dots] = Screen(width, height, type_size, FACES[face], devices)
    return screens


SCREENS = load_screens()

MEASURED = re.compile(r"(\d{3,4})\.(\d{3,4})\.(\d{1,3})\.([\w-]+)", re.ASCII)


def measured_screen(text: str) -> Screen | None:
    """The screen that a script has measured (site/assets/screen.js): width, height and size of the type in
    dots, and the key of the typeface; None for anything else."""
    match = MEASURED.fullmatch(text)
    if not match:
        return None
    width, height, type_size = map(int, match.groups()[:3])
    is_sound = (
        all(LEAST <= side <= MOST for side in (width, height)) and 8 <= type_size <= width // 8
    )
    return Screen(width, height, type_size, match[4]) if is_sound and is_key(match[4]) else None
