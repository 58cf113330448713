"""Tells the log of a store's outages: once when one begins, and once when it is over."""

import logging
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

CHECK = "check"
"""The task that tries the store out as a whole: what failed before works again when it does."""


class Outage:
    """Remembers which tasks of a store fail.

    An outage begins with the first task that fails. It is over when every task that failed has worked again,
    or the check has: on a full disk reading still works, and does not end it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds."""
        self._clock = clock
        self._failing: set[str] = set()
        self._since = 0.0

    def failed(self, task: str, cause: object) -> None:
        """A task failed; `cause` holds no secret and no text of a reader's."""
        if not self._failing:
            self._since = self._clock()
            logger.warning("the store is out of reach: %s", cause)
        self._failing.add(task)

    def worked(self, task: str) -> None:
        """A task worked."""
        if not self._failing:
            return
        self._failing = set() if task == CHECK else self._failing - {task}
        if not self._failing:
            logger.info("the store is back after %.0f s", self._clock() - self._since)
