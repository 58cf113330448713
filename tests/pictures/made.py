"""Pictures for tests, good ones and hostile ones."""

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image, ImageDraw

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 200, 20), (20, 20, 220), (255, 255, 255)


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    """The picture as a file of that format."""
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def quarters(mode: str = "RGB", size: tuple[int, int] = (80, 60)) -> Image.Image:
    """Red at the upper left, green at the upper right, blue below: so one sees how it lies."""
    width, height = size
    image = Image.new("RGB", size, BLUE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), RED)
    draw.rectangle((width // 2, 0, width, height // 2 - 1), GREEN)
    return image.convert(mode)


def noise(size: tuple[int, int]) -> Image.Image:
    """A picture that no format makes small."""
    return Image.effect_noise(size, 90).convert("RGB")


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_claiming(width: int, height: int, *more: bytes, rows: bytes = b"") -> bytes:
    """A PNG whose header claims a size, whatever comes then."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), *more, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def with_exif(data: bytes, exif: bytes) -> bytes:
    """A JPEG with another Exif part."""
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif + data[2:]


def scans(count: int) -> bytes:
    """A progressive JPEG with one of its scans so many times."""
    data = saved(Image.new("L", (2000, 2000), 128), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


JPEG = saved(quarters(), "JPEG", quality=95)
PNG = saved(quarters(), "PNG")

REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "an empty file": ("format", lambda: b""),
    "text": ("format", lambda: b"Why is the sky blue?"),
    "a web page": ("format", lambda: b"<!DOCTYPE html><script>alert(1)</script>"),
    "SVG": ("format", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "GIF": ("format", lambda: saved(quarters("P"), "GIF")),
    "BMP": ("format", lambda: saved(quarters(), "BMP")),
    "TIFF": ("format", lambda: saved(quarters(), "TIFF")),
    "PostScript": ("format", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 50 50\n"),
    "a film": ("format", lambda: b"\0\0\0\x18ftypmp42\0\0\0\0"),
    "a blank before": ("format", lambda: b"\n" + JPEG),
    "the beginning of a JPEG": ("broken", lambda: b"\xff\xd8\xff"),
    "a JPEG of chance": ("broken", lambda: b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20),
    "a JPEG that is cut": ("broken", lambda: JPEG[: len(JPEG) // 2]),
    "a PNG that is cut": ("broken", lambda: saved(noise((200, 200)), "PNG")[:20_000]),
    "a WEBP that is cut": ("broken", lambda: saved(noise((200, 200)), "WEBP")[:5_000]),
    "a WEBP with nothing": ("broken", lambda: b"RIFF\x04\0\0\0WEBP"),
    "a HEIC with nothing": ("broken", lambda: b"\0\0\0\x18ftypheic\0\0\0\0heicmif1"),
    "a PNG with a wrong checksum": ("broken", lambda: PNG[:29] + b"\0\0\0\0" + PNG[33:]),
    "a PNG without pixels": ("broken", lambda: png_claiming(100, 100)),
    "a PNG of no width": ("broken", lambda: png_claiming(0, 100)),
    "a bomb of black": ("large", lambda: saved(Image.new("1", (10_000, 10_000)), "PNG")),
    "a claim of 4 billion": ("large", lambda: png_claiming(65_535, 65_535)),
    "a WEBP of 21 million": ("large", lambda: saved(Image.new("L", (4_600, 4_600)), "WEBP")),
    "a claim of 26 million": ("large", lambda: png_claiming(5_100, 5_100)),
    "a bomb in a profile": (
        "broken",
        lambda: png_claiming(99, 99, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(80_000_000)))),
    ),
    "1 × 30,000": ("shape", lambda: saved(Image.new("L", (1, 30_000)), "PNG")),
    "30,000 × 1": ("shape", lambda: saved(Image.new("L", (30_000, 1)), "JPEG")),
    "a dot": ("shape", lambda: saved(Image.new("L", (1, 1)), "WEBP")),
    "a strip": ("shape", lambda: saved(Image.new("L", (40, 1000)), "PNG")),
}
"""Files that are no picture of a page, with what is wrong with each and how it is made."""

HIDDEN = b"<script>alert('Zirkonium')</script>"

POLYGLOTS: dict[str, Callable[[], bytes]] = {
    "a page behind a JPEG": lambda: JPEG + HIDDEN,
    "a page in a comment": lambda: saved(quarters(), "JPEG", comment=HIDDEN),
    "a page in Exif": lambda: with_exif(JPEG, HIDDEN),
    "a page in a PNG": lambda: PNG[:33] + chunk(b"tEXt", b"Comment\0" + HIDDEN) + PNG[33:],
    "an archive behind a PNG": lambda: PNG + b"PK\x03\x04" + HIDDEN,
    "a page in a WEBP": lambda: saved(quarters(), "WEBP", xmp=HIDDEN, exif=HIDDEN),
}
"""Pictures that are something else, too."""
