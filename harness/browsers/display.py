"""A screen in memory (Xvfb): tests start programs on it, move its mouse, type, and read its pixels."""

import os
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

from harness.browsers.programs import NotThere, installed
from harness.orphans import end_with_parent

ENDED_WITHIN_S = 10


class Display:
    """The screen; a context manager that ends it and all programs on it, whose home is `folder`."""

    def __init__(self, folder: Path, screen: tuple[int, int]) -> None:
        self._folder = folder
        self._width, self._height = screen
        self._processes = ExitStack()
        self._environment = os.environ | {"HOME": str(folder), "no_proxy": "*"}

    def __enter__(self) -> Self:
        display, told = os.pipe()
        size = f"{self._width}x{self._height}x24"
        screen = ("-screen", "0", size, "-nolisten", "tcp", "-fbdir", str(self._folder))
        self.start("Xvfb", "-displayfd", str(told), *screen, passed=told)
        os.close(told)
        with os.fdopen(display) as number:
            self._environment["DISPLAY"] = f":{number.readline().strip()}"
        return self

    def __exit__(self, *exception: object) -> None:
        self._processes.close()

    def start(
        self, program: str | Path, *options: str, passed: int | None = None, **environment: str
    ) -> Path:
        """Start a program, which ends with the screen; returns its log.

        It inherits the descriptor `passed`.
        """
        log = self._folder / f"{Path(program).name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [installed(program), *options],
                env=self._environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=() if passed is None else (passed,),
                preexec_fn=end_with_parent,
            )
        self._processes.callback(_end, process)
        return log

    def fill(self, window: str) -> None:
        """Make the window of this class as large as the screen. Raises NotThere."""
        found = ("search", "--onlyvisible", "--class", window)
        try:
            self._do(*found, "windowmove", 0, 0, "windowsize", self._width, self._height)
        except subprocess.CalledProcessError as error:
            raise NotThere(window) from error

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        self._do("key", *keys)

    def type(self, text: str) -> None:
        """Type the text."""
        self._do("type", text)

    def click(self, x: int, y: int) -> None:
        """Click there."""
        self._do("mousemove", x, y, "click", 1)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Move the mouse from one point to the other with its button held."""
        self._do("mousemove", *start, "mousedown", 1, "mousemove", *end, "mouseup", 1)

    def selected(self, kind: str) -> str:
        """The text of the `primary` selection, which is what is marked, or of the `clipboard`."""
        command = [installed("xclip"), "-o", "-selection", kind]
        marked = subprocess.run(command, env=self._environment, capture_output=True, text=True)
        return " ".join(marked.stdout.split())

    def pixels(self) -> list[memoryview]:
        """The pixels of the screen, row by row: 24 bits each, red highest."""
        picture = memoryview((self._folder / "Xvfb_screen0").read_bytes())
        header = struct.unpack(">25I", picture[:100])
        start, line = header[0] + 12 * header[19], header[12]  # 12 bytes for each named colour
        return [
            picture[at : at + line].cast("I")
            for at in range(start, start + self._height * line, line)
        ]

    def _do(self, *command: object) -> None:
        subprocess.run(
            [installed("xdotool"), *map(str, command)],
            env=self._environment,
            check=True,
            timeout=20,
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, so that it removes its sockets and locks; kill it where it does not."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(ENDED_WITHIN_S)
    process.kill()
    process.wait()


class DisplayPage(Protocol):
    """A page on a screen of its own."""

    def close(self) -> None: ...


Kind = TypeVar("Kind", bound=DisplayPage)


class DisplayBrowser(Generic[Kind]):
    """A browser that is started for each page, on a screen of its own.

    `kind` makes a page of the screen, a folder that is the browser's home, and the screen's size.
    """

    def __init__(
        self,
        kind: Callable[[Display, Path, tuple[int, int]], Kind],
        folder: Path,
        screen: tuple[int, int],
    ) -> None:
        self._kind = kind
        self._folder = folder
        self._screen = screen
        self._pages = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    @contextmanager
    def page(self) -> Iterator[Kind]:
        self._pages += 1
        home = self._folder / str(self._pages)
        home.mkdir()
        with (
            Display(home, self._screen) as display,
            closing(self._kind(display, home, self._screen)) as page,
        ):
            yield page
