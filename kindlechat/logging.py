"""Configures the log of this package: where it goes, and the format of its lines."""

import logging
import sys

LINE = "[%(asctime)s] [%(process)d] [%(levelname)s] %(name)s: %(message)s"
DATE = "%Y-%m-%d %H:%M:%S %z"
"""The format of gunicorn's own lines, so that both read as one log."""


def configure_logging(level: str = "INFO") -> None:
    """Write what this package logs, from `level` on, to stderr. May be called again."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(LINE, DATE))
    logger = logging.getLogger("kindlechat")
    logger.handlers = [handler]
    logger.setLevel(level)
