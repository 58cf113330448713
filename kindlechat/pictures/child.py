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


def answer_input() -> None:
    """Clean the picture in the input."""
    data = sys.stdin.buffer.read()
    try:
        image, jpeg = clean(data)
        small, grey = preview(image)
    except BadPicture as bad:
        sys.stdout.write(f"{bad.fault}\n")
        return
    except MemoryError:
        sys.stdout.write(f"{Fault.LARGE}\n")
        return
    sizes = (*image.size, *small.size, len(jpeg), len(grey))
    sys.stdout.buffer.write(" ".join(map(str, sizes)).encode() + b"\n" + jpeg + grey)


if __name__ == "__main__":
    os.nice(LESS_URGENT)
    memory_bytes, cpu_s = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer_input()
