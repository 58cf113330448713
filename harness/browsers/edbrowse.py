"""edbrowse, a line editor that browses, driven by its commands."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gevent
from gevent.os import make_nonblocking, nb_read

from harness.browsers.programs import NotThere, installed
from harness.orphans import end_with_parent

LABELS = {
    "message": "<buffer",
    "send": "<Ask>",
    "stop": "<Stop>",
    "refresh": "{Reload}",
    "mode=live": "The page grows",
    "view=pages": "In pages, like",
    "save": "<Save>",
    "next": "{Next",
}
"""How an element looks in a line."""

ANSWER_WITHIN_S = 60
FIELD = re.compile(r"<[^>]*>")


class Edbrowse:
    """Starts the program for each page. `screen` is ignored: lines come one after the other."""

    def __init__(self, folder: Path, screen: tuple[int, int], *, scripts: bool = True) -> None:
        self._folder = folder
        self._scripts = scripts
        self._pages = 0

    def __enter__(self) -> "Edbrowse":
        return self

    def __exit__(self, *_: object) -> None: ...

    @contextmanager
    def page(self) -> Iterator["EdbrowsePage"]:
        self._pages += 1
        home = self._folder / str(self._pages)
        home.mkdir()
        (home / ".ebrc").write_text(f"jar = {home}/cookies\n")
        page = EdbrowsePage(home, scripts=self._scripts)
        try:
            yield page
        finally:
            page.close()


class EdbrowsePage:
    """An editor whose first buffer is the page."""

    refreshes = False
    keeps_pages = False

    def __init__(self, home: Path, *, scripts: bool) -> None:
        self._commands = 0
        self._process = subprocess.Popen(
            [installed("edbrowse")],
            env=os.environ | {"HOME": str(home), "no_proxy": "*", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            preexec_fn=end_with_parent,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._to = self._process.stdin
        self._from = self._process.stdout.fileno()
        make_nonblocking(self._from)
        self._do("js+" if scripts else "js-")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def open(self, url: str) -> None:
        self._do(f"b {url}")

    def text(self) -> str:
        return " ".join(self._do("ft", ",p").split())

    def fill(self, element: str, text: str) -> None:
        """Write the text into the buffer that the field opens."""
        self._go_to(element)
        said = self._do("ib")
        if not (buffer := re.search(r"<buffer (\d+)>", said)):
            raise NotThere(said)
        self._do(f"e{buffer[1]}", f"a\n{text}\n.", "e1")

    def press(self, element: str) -> None:
        ahead = self._go_to(element).partition(LABELS[element])[0]
        fields = len(FIELD.findall(ahead))
        links = ahead.count("{")
        if "=" in element:  # a radio button is the field before its label
            self._do(f"i{fields}=+")
        elif LABELS[element].startswith("{"):
            self._do(f"g{links + 1}")
        else:
            self._do(f"i{fields + 1}*")

    def reload(self) -> None:
        self._do("rf")

    def complaints(self) -> list[str]:
        return []

    def _go_to(self, element: str) -> str:
        """The line with the element. Raises NotThere."""
        line = self._do("1", f"/{LABELS[element]}/").splitlines()[-1]
        if LABELS[element] not in line:
            raise NotThere(element)
        return line

    def _do(self, *commands: str) -> str:
        """Give commands, and wait until they are carried out; returns what was said."""
        self._commands += 1
        end = f"end of {self._commands}"
        self._to.write("".join(f"{each}\n" for each in (*commands, f"!echo {end}")).encode())
        said = b""
        with gevent.Timeout(ANSWER_WITHIN_S):
            while not said.endswith(f"{end}\nok\n".encode()):
                if not (part := nb_read(self._from, 65536)):
                    raise NotThere(said)
                said += part
        return said.decode().removesuffix(f"{end}\nok\n").strip()
