"""A picture that goes with a question: what the model sees, and the small one that pages show (pure)."""

import re
from dataclasses import dataclass, field
from hashlib import sha256

KEPT_PICTURES = 4
"""So many of a conversation's pictures are kept, the last ones: the model is shown them again with each
question, and each costs again."""

PREVIEW_BYTES = 6_000
"""What the small picture takes at most: a page stays under 30 kB with it and all else that it loads."""

LOST = "lost"
"""The name of a picture that is not kept any more."""

NAME = re.compile(r"(\d{1,5})x(\d{1,5})-(\d{1,5})x(\d{1,5})-[0-9a-f]{32}")

NAME_CHARS = 32


@dataclass(frozen=True)
class SentPicture:
    """A JPEG, and a small grey one, both with nothing but pixels in them. Sizes are width and height."""

    jpeg: bytes = field(repr=False)
    preview: bytes = field(repr=False)
    size: tuple[int, int]
    preview_size: tuple[int, int]

    @property
    def name(self) -> str:
        """What a conversation knows it by: both sizes, and a hash. The same picture has the same name."""
        sizes = ("x".join(map(str, size)) for size in (self.size, self.preview_size))
        return "-".join([*sizes, sha256(self.jpeg).hexdigest()[:NAME_CHARS]])


def kept_picture(name: str, jpeg: bytes, preview: bytes) -> SentPicture:
    """The picture that has this name. Raises ValueError where the name is none."""
    found = NAME.fullmatch(name)
    if found is None:
        raise ValueError(name)
    width, height, small_width, small_height = map(int, found.groups())
    return SentPicture(jpeg, preview, (width, height), (small_width, small_height))


def is_kept(name: str) -> bool:
    """Whether a name is that of a picture that may still be there."""
    return NAME.fullmatch(name) is not None


def preview_size(name: str) -> tuple[int, int]:
    """The width and the height of the small picture, in pixels."""
    found = NAME.fullmatch(name)
    return (int(found[3]), int(found[4])) if found else (0, 0)
