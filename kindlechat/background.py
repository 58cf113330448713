"""Keeps background work going after an error."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from kindlechat.errors import StoreUnavailable

logger = logging.getLogger(__name__)


@contextmanager
def carry_on(task: str) -> Iterator[None]:
    """Run one step of background work. An error in it is logged and goes no further.

    A store that is out of reach is not logged here, because the store logs it once itself.
    """
    try:
        yield
    except StoreUnavailable:
        pass
    except Exception as error:
        logger.error("%s failed", task, exc_info=error)
