"""Configures the log of this package: where it goes, and the format of its lines."""

import logging
import sys
from typing import TextIO

LINE = "[%(asctime)s] [%(process)d] [%(levelname)s] %(name)s: %(message)s"
DATE = "%Y-%m-%d %H:%M:%S %z"
"""The format of gunicorn's own lines, so that both read as one log."""


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to what is stderr at the moment, as whoever runs this process may replace it."""

    @property
    def stream(self) -> TextIO:
        """Where the next line goes."""
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        """Nothing is kept."""


def configure_logging() -> None:
    """Write warnings and errors of this package to stderr. May be called again."""
    handler = StderrHandler()
    handler.setFormatter(logging.Formatter(LINE, DATE))
    logger = logging.getLogger("kindlechat")
    logger.handlers = [handler]
    logger.setLevel(logging.WARNING)
