"""The guard around rendering: after a fault in it the reader gets the answer as plain text."""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def guarded(make: Callable[[], T], instead: Callable[[], T]) -> T:
    """What `make` gives; where it raises, what `instead` gives, and a line in the log.

    The line says where and what kind of error it was. An error's own words may hold some of the text.
    """
    try:
        return make()
    except Exception as error:  # noqa: BLE001 (whatever it is, the page has to come)
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        logging.getLogger(__name__).error("could not render: %s at %s", type(error).__name__, place)
        return instead()
