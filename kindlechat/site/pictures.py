"""Makes pictures for grey screens: as wide as the text, in 16 greys, PNG or JPEG, whichever is smaller."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from kindlechat.rendering.ui.assets import as_asset
from kindlechat.rendering.ui.sources import find_sources
from kindlechat.site.addresses import slug_of
from kindlechat.site.cache import Cache, digest
from kindlechat.site.cores import begun
from kindlechat.site.folders import IMAGES
from kindlechat.site.mistakes import Mistake
from kindlechat.site.ready_png import ready_size

if TYPE_CHECKING:
    from PIL import Image

PICTURE = "picture"

WORTH_A_FORK = 2
"""So many pictures are worth a fork: each takes a twentieth of a second or more."""

MAX_WIDTH = 520
"""Pixels: the width of the text on a 600-pixel screen. Wider screens show the same picture."""

LARGE_WIDTH = 1600
"""Pixels: the width of the larger version, which is linked. The largest e-readers are that wide."""

GREYS = 16
"""The number of greys that every e-ink panel can show."""

FLAT_RANGE = 2
"""Levels of 255. Where neighbours differ by no more, one grey looks better than the noise of dithering."""

JPEG_QUALITY = 75

MAX_PIXELS = 40_000_000


class Picture(NamedTuple):
    """A picture on a page, with its size in pixels. `large` is the address of the larger version, if any."""

    address: str
    width: int
    height: int
    large: str = ""

    def html(self, alt: str) -> Markup:
        """The HTML of the picture, with a link to the larger version if there is one."""
        size = Markup('width="{}" height="{}"').format(self.width, self.height)
        shown = Markup('<img src="{}" {} alt="{}">').format(self.address, size, alt)
        return Markup('<a href="{}">{}</a>').format(self.large, shown) if self.large else shown


class Grey(NamedTuple):
    """A picture in greys as a file: its bytes, its suffix, its size in pixels."""

    data: bytes
    suffix: str
    width: int
    height: int


class Pictures(NamedTuple):
    """The pictures of a site, by their addresses in the sources, such as /images/desk.png.

    `files` are the originals, `digest` stands for all of them, and `mistakes` name files that are no
    pictures. `made` has the files of those pictures that no earlier build has made, by their addresses.
    """

    shown: Mapping[str, Picture]
    files: Mapping[str, Path]
    digest: str
    mistakes: tuple[Mistake, ...] = ()
    made: Mapping[str, bytes] = MappingProxyType({})

    def find(self, address: str) -> Picture:
        """The picture at an address. Raises ValueError where there is none."""
        if address not in self.shown:
            raise ValueError(f"no picture {address}: expected /{IMAGES}/ and a file of {IMAGES}/")
        return self.shown[address]

    def outputs(self) -> Iterator[tuple[str, Path, Callable[[], bytes]]]:
        """Every file that pages show or link: its address, its original, and how to make it."""
        for address, picture in self.shown.items():
            original = self.files[address]
            yield (
                picture.address,
                original,
                partial(self._file, picture.address, original, MAX_WIDTH),
            )
            if picture.large:
                yield (
                    picture.large,
                    original,
                    partial(self._file, picture.large, original, LARGE_WIDTH),
                )

    def _file(self, address: str, original: Path, width: int) -> bytes:
        return self.made.get(address) or to_grey(original.read_bytes(), width).data


@contextmanager
def pictures_begun(source: Path, cache: Cache) -> Iterator[Callable[[], Pictures]]:
    """Let the other cores begin to make those pictures of the sources that are new. Yields what waits for
    them and returns all."""
    files = {f"/{IMAGES}/{path.name}": path for path in find_sources(source / IMAGES)}
    keys = {
        address: digest(path.name.encode(), path.read_bytes()) for address, path in files.items()
    }
    unknown = [files[address] for address, key in keys.items() if not cache.knows(PICTURE, key)]
    ready = {path: shown for path in unknown if (shown := _show_as_it_is(path))}
    slow = [path for path in unknown if path not in ready]
    with begun(_show_all, slow, WORTH_A_FORK) as shared:
        yield lambda: _all_pictures(files, keys, ready | dict(chain(*shared.results())), cache)


def load_pictures(source: Path, cache: Cache) -> Pictures:
    """Load the pictures of the sources."""
    with pictures_begun(source, cache) as pictures:
        return pictures()


_Shown = tuple[Picture | None, dict[str, bytes], str]
"""A picture with its files by their addresses, or what is wrong with it."""


def _all_pictures(
    files: Mapping[str, Path], keys: Mapping[str, str], new: Mapping[Path, _Shown], cache: Cache
) -> Pictures:
    shown: dict[str, Picture] = {}
    made: dict[str, bytes] = {}
    mistakes: list[Mistake] = []
    for address, path in files.items():
        if path in new:
            picture, greys, mistake = new[path]
            if picture is None:
                mistakes.append(Mistake(f"{IMAGES}/{path.name}", 1, mistake))
                continue
            cache.keep(PICTURE, keys[address], picture)
            made |= greys
        shown[address] = cache.get(PICTURE, keys[address])
    all_keys = digest(*(key.encode() for key in keys.values()))
    return Pictures(shown, files, all_keys, tuple(mistakes), made)


def _show_all(paths: Sequence[Path]) -> list[tuple[Path, _Shown]]:
    return [(path, _show(path)) for path in paths]


def _show(path: Path) -> _Shown:
    return _shown(path, lambda: [*_greys(_read(path.read_bytes()))])


def _show_as_it_is(path: Path) -> _Shown | None:
    """A picture that needs no work; None for any other one."""
    grey = _as_it_is(path.read_bytes())
    return _shown(path, lambda: [grey]) if grey else None


def _shown(path: Path, make: Callable[[], list[Grey]]) -> _Shown:
    try:
        name = slug_of(path.stem)
        greys = make()
    except ValueError as error:
        return None, {}, str(error)
    files = {_address(name, grey): grey.data for grey in greys}
    address, *larger = files
    return Picture(address, greys[0].width, greys[0].height, *larger), files, ""


def _greys(picture: "Image.Image") -> Iterator[Grey]:
    """The versions of a picture: as wide as the text, and a larger one where it is wider."""
    yield _reduce(picture, MAX_WIDTH)
    if picture.width > MAX_WIDTH:
        yield _reduce(picture, LARGE_WIDTH)


def _as_it_is(data: bytes) -> Grey | None:
    size = ready_size(data, MAX_WIDTH)
    return Grey(data, ".png", *size) if size else None


def _address(name: str, grey: Grey) -> str:
    return as_asset(name + grey.suffix, grey.data).address


def to_grey(data: bytes, max_width: int = MAX_WIDTH) -> Grey:
    """Reduce a picture to 16 greys, dithered where it has shades and plain where it is flat.

    Transparent parts become white. What is so already stays as it is. Raises ValueError for what is no
    picture.
    """
    return _as_it_is(data) or _reduce(_read(data), max_width)


def _read(data: bytes) -> "Image.Image":
    from PIL import (  # loading it takes a while, and few builds have a new picture
        Image,
        ImageOps,
        UnidentifiedImageError,
    )

    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise ValueError(f"expected at most {MAX_PIXELS} pixels")
            return _on_white(ImageOps.exif_transpose(opened))  # cameras record which side is up
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValueError("expected a picture (PNG, JPEG, GIF or WebP)") from error


def _reduce(picture: "Image.Image", max_width: int) -> Grey:
    from PIL import Image

    if picture.width > max_width:
        height = max(1, round(picture.height * max_width / picture.width))
        picture = picture.resize((max_width, height), Image.Resampling.LANCZOS)
    return _smaller(_png(_quantized(picture)), _jpeg(picture))


def _quantized(picture: "Image.Image") -> "Image.Image":
    from PIL import Image, ImageChops

    palette, grey = _palette(), picture.convert("L")
    dithered = picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    plain = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    darkest = _brightest_near(ImageChops.invert(grey))
    spread = ImageChops.add(_brightest_near(grey), darkest, offset=-255)
    dithered.paste(plain, mask=spread.point(lambda value: 255 if value <= FLAT_RANGE else 0))
    return dithered


def _brightest_near(grey: "Image.Image") -> "Image.Image":
    """The brightest of the 25 pixels around each. Pillow's MaxFilter says the same in ten times the time."""
    from PIL import ImageChops

    near = grey.crop((-2, -2, grey.width + 2, grey.height + 2))  # it is black around the picture
    for right, down in ((1, 0),) * 4 + ((0, 1),) * 4:
        width, height = near.width - right, near.height - down
        moved = near.crop((right, down, right + width, down + height))
        near = ImageChops.lighter(near.crop((0, 0, width, height)), moved)
    return near


def _png(picture: "Image.Image") -> Grey:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True, bits=4)
    return Grey(out.getvalue(), ".png", picture.width, picture.height)


def _jpeg(picture: "Image.Image") -> Grey:
    out = io.BytesIO()
    picture.convert("L").save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return Grey(out.getvalue(), ".jpg", picture.width, picture.height)


def _smaller(first: Grey, second: Grey) -> Grey:
    return first if len(first.data) <= len(second.data) else second


def _on_white(picture: "Image.Image") -> "Image.Image":
    """The picture in grey, but with three channels, because quantize needs them."""
    from PIL import Image

    if picture.mode.startswith("I"):  # 16 bits; a conversion would keep only the lower 8
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
