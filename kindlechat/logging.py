"""Where this package's log goes and what its lines look like."""

import logging
import sys

LINE = "[%(asctime)s] [%(process)d] [%(levelname)s] %(name)s: %(message)s"
DATE = "%Y-%m-%d %H:%M:%S %z"
"""As in gunicorn's own lines, so that a log reads as one."""


def configure_logging() -> None:
    """Write warnings and errors of this package to stderr. May be called again."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(LINE, DATE))
    logger = logging.getLogger("kindlechat")
    logger.handlers = [handler]
    logger.setLevel(logging.WARNING)
