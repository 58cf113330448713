"""Pictures for grey screens: small enough for the page, in 16 greys, dithered, as PNG."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kindlechat.rendering.ui.assets import as_asset
from kindlechat.rendering.ui.sources import find_sources
from kindlechat.site.addresses import slug_of
from kindlechat.site.cache import Cache, digest
from kindlechat.site.mistakes import BuildError, Mistake

if TYPE_CHECKING:
    from PIL import Image

FOLDER = "images"

MAX_WIDTH = 520
"""Pixels. The text column of a 600-pixel screen; wider ones show it as it is."""

GREYS = 16
"""What e-ink panels of every age can show."""

MAX_PIXELS = 40_000_000


@dataclass(frozen=True)
class Picture:
    """A picture as a page shows it; sizes in pixels."""

    address: str
    width: int
    height: int


@dataclass(frozen=True)
class Pictures:
    """The pictures of a site, by the addresses that sources use, such as /images/desk.png.

    `files` are where their originals lie; `digest` stands for all of them.
    """

    shown: Mapping[str, Picture]
    files: Mapping[str, Path]
    digest: str

    def find(self, address: str) -> Picture:
        """Raises ValueError where there is no such picture."""
        if address not in self.shown:
            raise ValueError(f"no picture {address}: expected /{FOLDER}/ and a file of {FOLDER}/")
        return self.shown[address]


def load_pictures(source: Path, cache: Cache) -> Pictures:
    """The pictures of the sources. Raises BuildError for a file that is none."""
    files = {f"/{FOLDER}/{path.name}": path for path in find_sources(source / FOLDER)}
    shown, digests = {}, []
    for address, path in files.items():
        key = digest(path.name.encode(), path.read_bytes())
        digests.append(key.encode())
        shown[address] = cache.value("picture", key, lambda: _show(path))  # noqa: B023
    return Pictures(shown, files, digest(*digests))


def _show(path: Path) -> Picture:
    try:
        name = slug_of(path.stem)
        png, width, height = to_grey_png(path.read_bytes())
    except ValueError as error:
        raise BuildError(Mistake(f"{FOLDER}/{path.name}", 1, str(error))) from error
    return Picture(as_asset(f"{name}.png", png).address, width, height)


def to_grey_png(data: bytes, max_width: int = MAX_WIDTH) -> tuple[bytes, int, int]:
    """The picture as a PNG of 16 greys, with its width and height in pixels.

    Transparent parts become white. Raises ValueError for what is no picture.
    """
    from PIL import (  # takes a while, and few builds meet a new picture
        Image,
        ImageOps,
        UnidentifiedImageError,
    )

    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise ValueError(f"expected at most {MAX_PIXELS} pixels")
            picture = _on_white(ImageOps.exif_transpose(opened))  # cameras say which side is up
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValueError("expected a picture (PNG, JPEG, GIF or WebP)") from error
    if picture.width > max_width:
        height = max(1, round(picture.height * max_width / picture.width))
        picture = picture.resize((max_width, height), Image.Resampling.LANCZOS)
    grey = picture.quantize(palette=_palette(), dither=Image.Dither.FLOYDSTEINBERG)
    out = io.BytesIO()
    grey.save(out, "PNG", optimize=True, bits=4)
    return out.getvalue(), grey.width, grey.height


def _on_white(picture: "Image.Image") -> "Image.Image":
    """In grey, though with three channels, as quantize wants it."""
    from PIL import Image

    if picture.mode.startswith("I"):  # 16 bits, of which a conversion would take the lower 8
        picture = picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    clear = picture.convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("L").convert("RGB")


def _palette() -> "Image.Image":
    from PIL import Image

    palette = Image.new("P", (1, 1))
    steps = [round(step * 255 / (GREYS - 1)) for step in range(GREYS)]
    palette.putpalette([step for step in steps for _ in range(3)])
    return palette
