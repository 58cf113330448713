"""Makes a small JPEG of whatever was sent, or says why not (pure).

Nothing of the file itself is kept: only pixels come out, in a file of our own. What a name or a header of the
request says does not count.
"""

from io import BytesIO

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401 (they register)

from kindlechat.picture import PREVIEW_BYTES
from kindlechat.pictures.fault import Fault

try:
    from pillow_heif import register_heif_opener
except ImportError:
    pass
else:
    register_heif_opener(thumbnails=False)

STARTS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n"}
HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1"))

LONGER_SIDE = 1600
MOST_BYTES = 400_000
"""What the model is sent at most: a printed page can be read at this size."""

PREVIEW_SIDE = 160
"""What pages show, in grey, of at most PREVIEW_BYTES."""

MOST_PIXELS = {"JPEG": 50_000_000, "MPO": 50_000_000, "WEBP": 20_000_000}
OTHER_MOST_PIXELS = 25_000_000
"""As many as the memory of the process has room for. A JPEG is read at a part of its size; MPO is a JPEG with
others behind it. A WEBP is held four times while it is read."""

SHORTEST_SIDE = 32
MOST_TIMES_AS_LONG = 20
"""A page has no other shape."""

QUALITIES = (85, 75, 65, 50, 35)
SMALLER = 0.75
"""Where the worst of these qualities takes too many bytes, the picture becomes so much smaller."""

WHITE = (255, 255, 255)

ORIENTATION = 0x0112
"""The tag of Exif that says how a camera was held, and what undoes it."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

SIXTEEN_BITS = frozenset(("I", "I;16", "I;16B", "I;16L", "F"))


class BadPicture(Exception):
    """The file is no picture that we take."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def clean(data: bytes) -> tuple[Image.Image, bytes]:
    """The picture in a file, and a JPEG of it of at most LONGER_SIDE and MOST_BYTES. Raises BadPicture.

    It is turned as its camera was held. Of several frames it has the first one.
    """
    try:
        image = _opened(data)
        _check_size(image)
        image = _plain(image)
    except BadPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise BadPicture(Fault.LARGE) from None
    except Exception as error:  # decoders raise whatever a broken file leads them to
        raise BadPicture(Fault.BROKEN) from error
    return encode(image, LONGER_SIDE, MOST_BYTES)


def preview(image: Image.Image) -> tuple[Image.Image, bytes]:
    """The small grey picture of a picture, and its JPEG."""
    return encode(image.convert("L"), PREVIEW_SIDE, PREVIEW_BYTES)


def encode(image: Image.Image, longer_side: int, most_bytes: int) -> tuple[Image.Image, bytes]:
    """A picture that is no larger, and its JPEG: as good as so many bytes allow."""
    while True:
        image = _shrunk(image, longer_side)
        for quality in QUALITIES:
            out = BytesIO()
            image.save(out, "JPEG", quality=quality)
            if out.tell() <= most_bytes:
                return image, out.getvalue()
        longer_side = int(max(image.size) * SMALLER)


def _opened(data: bytes) -> Image.Image:
    """The file as a picture that is not decoded yet."""
    kind = _format(data)
    if kind not in Image.OPEN:
        raise BadPicture(Fault.FORMAT)
    return Image.open(BytesIO(data), formats=(kind,))


def _format(data: bytes) -> str:
    """The format that a file begins as, of those that we take; else ""."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return "HEIF"
    return next((kind for kind, start in STARTS.items() if data.startswith(start)), "")


def _check_size(image: Image.Image) -> None:
    shorter, longer = sorted(image.size)
    if shorter * longer > MOST_PIXELS.get(image.format or "", OTHER_MOST_PIXELS):
        raise BadPicture(Fault.LARGE)
    if shorter < SHORTEST_SIDE or longer > MOST_TIMES_AS_LONG * shorter:
        raise BadPicture(Fault.SHAPE)


def _plain(image: Image.Image) -> Image.Image:
    """The pixels alone, in RGB or in grey, upright, on white, and no larger than is wanted."""
    orientation = _orientation(image)
    image.draft(
        None, (LONGER_SIDE, LONGER_SIDE)
    )  # a JPEG is decoded at a half or less where it can be
    image.load()
    if image.mode in SIXTEEN_BITS:
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("P", "PA", "1") or "transparency" in image.info:
        image = image.convert("RGBA")
    image = _shrunk(image, LONGER_SIDE)
    if image.mode in ("LA", "La", "RGBA", "RGBa"):
        image = image.convert("RGBA")
        paper = Image.new("RGB", image.size, WHITE)
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    elif image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    image.info = {}
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _orientation(image: Image.Image) -> object:
    """What Exif says of it, if it can be read: a picture with broken Exif is shown as it lies."""
    try:
        return image.getexif().get(ORIENTATION)
    except Exception:  # noqa: BLE001 (it raises whatever broken Exif leads it to)
        return None


def _shrunk(image: Image.Image, longer_side: int) -> Image.Image:
    longest = max(image.size)
    if longest <= longer_side:
        return image
    size = [max(1, round(side * longer_side / longest)) for side in image.size]
    return image.resize((size[0], size[1]), Image.Resampling.LANCZOS, reducing_gap=2.0)
