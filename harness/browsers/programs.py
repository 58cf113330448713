"""The programs that tests/tools.sh installs, and how tests wait for what they show."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import gevent

from harness.servers import ROOT
from harness.waiting import at_most

PHANTOMJS_1 = ROOT / ".tools/phantomjs-1.9.8"
PHANTOMJS_2 = ROOT / ".tools/phantomjs-2.1.1"
CHROMIUM_75 = ROOT / ".tools/chromium-75"
MINIBROWSER = next(
    iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))), Path("MiniBrowser")
)

LOOK_EVERY_S = 0.05

Seen = TypeVar("Seen")

CENTRE = """function (element) {
    var pair = element.split("="), found = pair[1]
        ? document.querySelector('input[name="' + pair[0] + '"][value="' + pair[1] + '"]')
        : document.getElementById(element), box = found.getBoundingClientRect();
    if (box.top < 0 || box.bottom > window.innerHeight) {
        found.scrollIntoView();
        box = found.getBoundingClientRect();
    }
    return [box.left + box.width / 2, box.top + box.height / 2];
}"""
"""Finds the point to press of an element, in ES3. It is named `id` or, a radio button, `name=value`."""


class NotThere(Exception):
    """The page has no such element, or is about to change."""


def installed(program: str | Path) -> str:
    """The path of the program. A test fails without it."""
    path = shutil.which(program)
    assert path, f"needs {program}: run tests/tools.sh"
    return path


def until(condition: Callable[[], Any], what: str | Callable[[], str], within_s: float = 40) -> Any:
    """Wait until the condition gives something true, and return that.

    It may look for what is not there yet. Raises AssertionError after `within_s` seconds.
    """
    with at_most(within_s):
        while True:
            with suppress(NotThere):
                if value := condition():
                    return value
            gevent.sleep(LOOK_EVERY_S)
    raise AssertionError(f"no {what if isinstance(what, str) else what()} within {within_s} s")


def still(look: Callable[[], Seen], for_s: float) -> Seen:
    """What `look` sees, if it sees the same after so many seconds. Raises NotThere."""
    seen = look()
    gevent.sleep(for_s)
    if look() != seen:
        raise NotThere("it moves")
    return seen
