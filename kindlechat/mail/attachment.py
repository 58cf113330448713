"""A file that goes with a mail (pure)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attachment:
    """A file; its `name` is in ASCII, with its ending."""

    name: str
    mimetype: str
    data: bytes
