"""What may be wrong with a file (pure). The worker knows it without loading what decodes pictures."""

from enum import StrEnum


class Fault(StrEnum):
    """What is wrong with a file."""

    FORMAT = "format"
    BROKEN = "broken"
    LARGE = "large"
    SHAPE = "shape"
