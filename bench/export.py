"""What it costs to save a conversation of 100 turns: `python -m bench.export [--convert]`.

For answers as readers mostly get them, and for demanding ones, the bench prints the processor time of each
kind of file, when nothing is rendered yet and once more; how much memory the process takes at most beyond
what it had; and for how long at a stretch the other readers had to wait. `--convert` has calibre read the
MOBI: its `ebook-convert` must be there (Debian: `apt-get install calibre`).
"""

from gevent import monkey

monkey.patch_all()

import argparse
import gc
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gevent

from harness.servers import ROOT
from kindlechat.conversation import Rights
from kindlechat.export.formats import FORMATS
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.settings import Settings
from kindlechat.stores.contract import NewReply, Write
from kindlechat.web.app import Kindlechat, create_app

TURNS = 100

MOST_MS = 300
MOST_MIB = 30
MOST_HELD_MS = 50
"""The bars, for EPUB; nothing may hold the hub for longer."""

ORDINARY = (
    "Light from the sun is a mix of **all colours**. Air scatters the short waves of blue more than the"
    " long ones of red, so blue comes to our eyes from every part of the sky.\n\n"
    "In the evening the light takes a longer way:\n\n"
    "- most of the blue is scattered *before* it is here,\n"
    "- what is left is **red** and orange,\n"
    "- dust and smoke make it redder.\n\n"
    "So the sky would be black if there were no air, as it is on the moon, where stars can be seen by day."
    " On Mars the dust is so fine that it is the other way round: days are red, and evenings blue.\n"
)

ANSWERS = {
    "ordinary": ORDINARY,
    "demanding": (ROOT / "tests/fixtures/answer.md").read_text(),
}


def fill(app: Kindlechat, text: str) -> str:
    """Store a conversation of so many answers; returns its id."""
    conversation = new_id()
    for number in range(TURNS):
        new = NewReply(
            id=new_id(),
            conversation=conversation,
            question=f"Why is the sky blue, for the {number}th time?",
            lease=new_id(),
            client_hash="bench",
            seed=None if number else (),
            rights=Rights("owner", "key"),
        )
        app.store.create_reply(new)
        app.store.write([Write(new.id, new.lease, 0, text, State.DONE, None)])
    return conversation


@contextmanager
def held_ms() -> Iterator[list[float]]:
    """The processor time, in ms, that was used between two turns of another greenlet."""
    held: list[float] = [0.0]

    def look() -> None:
        before = time.thread_time()
        while True:
            gevent.sleep(0.001)
            now = time.thread_time()
            held[0] = max(held[0], (now - before) * 1000)
            before = now

    looking = gevent.spawn(look)
    gevent.sleep(0.01)
    yield held
    looking.kill()


def peak_mib() -> float:
    """The most memory since it was last asked for."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def save(app: Kindlechat, address: str) -> tuple[bytes, float]:
    """The file at an address, and the processor time that it took, in ms."""
    began = time.process_time()
    data = app.test_client().get(address).data
    return data, (time.process_time() - began) * 1000


def measure(app: Kindlechat, kind: str, ending: str) -> tuple[bytes, bool]:
    """Print the row of one kind of answers and of files. Returns the file, and whether the bars are met."""
    address = f"/c/{fill(app, ANSWERS[kind])}.{ending}"
    gc.collect()
    peak_mib()
    had = peak_mib()
    with held_ms() as held:
        data, first = gevent.spawn(save, app, address).get()
        _, again = gevent.spawn(save, app, address).get()
    more = peak_mib() - had
    print(
        f"{kind:<10} {ending:<5} {len(data) / 1024:>6.0f} KiB  first {first:>4.0f} ms, again {again:>4.0f} ms"
        f"  {more:>5.1f} MiB  held {held[0]:>4.1f} ms"
    )
    met = held[0] <= MOST_HELD_MS
    if ending == "epub":
        met &= again <= MOST_MS and more <= MOST_MIB
        met &= kind != "ordinary" or first <= MOST_MS
    return data, met


def convert(data: bytes, folder: Path) -> bool:
    """Whether calibre makes a text of a MOBI that has all questions."""
    program = shutil.which("ebook-convert")
    if program is None:
        print(
            "--convert: expected ebook-convert, got none; install calibre (apt-get install calibre)"
        )
        return False
    file, text = folder / "book.mobi", folder / "book.txt"
    file.write_bytes(data)
    subprocess.run([program, file, text], check=True, capture_output=True)
    found = text.read_text().count("th time?")
    print(f"calibre reads {found} questions in the text and the contents of the MOBI")
    return found == 2 * TURNS


def main() -> int:
    """Print the table; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--convert", action="store_true", help="have calibre read the MOBI")
    arguments = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.from_env({"KINDLECHAT_DATA": f"{folder}/data"}))
        for ending in FORMATS:  # load and warm everything
            save(app, f"/c/{fill(app, ANSWERS['demanding'])}.{ending}")
        for kind in ANSWERS:
            for ending in FORMATS:
                data, met = measure(app, kind, ending)
                good &= met
        if arguments.convert:
            good &= convert(data, Path(folder))
        app.close()
    print("PASS" if good else "FAIL")
    return not good


if __name__ == "__main__":
    sys.exit(main())
