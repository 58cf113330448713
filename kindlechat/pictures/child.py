"""The process in which a picture is cleaned: it has little memory and little time, and knows no secret.

Whatever a file does to a decoder, it does it here. `python -m kindlechat.pictures.child MEMORY_BYTES CPU_S`
reads a file from its input. It writes a line with the fault or the sizes, in pixels and bytes, and then the
two JPEGs. Where there is one processor, readers go first.
"""

import os
import resource
import sys

from kindlechat.pictures.cleaning import BadPicture, clean, preview
from kindlechat.pictures.fault import Fault

LESS_URGENT = 10


def told_of(data: bytes) -> bytes:
    """What is said of a file: a line with its fault; or one with the sizes, and the two JPEGs."""
    try:
        image, jpeg = clean(data)
        small, grey = preview(image)
    except BadPicture as bad:
        return f"{bad.fault}\n".encode()
    except MemoryError:
        return f"{Fault.LARGE}\n".encode()
    sizes = (*image.size, *small.size, len(jpeg), len(grey))
    return " ".join(map(str, sizes)).encode() + b"\n" + jpeg + grey


if __name__ == "__main__":
    os.nice(LESS_URGENT)
    memory_bytes, cpu_s = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(told_of(sys.stdin.buffer.read()))
