"""The log of this package: where it goes, and the format of its lines."""

import json
import logging
import sys
from contextvars import Context, ContextVar
from datetime import UTC, datetime

LINE = "[%(asctime)s] [%(process)d] [%(levelname)s] %(name)s: %(message)s"
DATE = "%Y-%m-%d %H:%M:%S %z"
"""The format of gunicorn's own lines, so that both read as one log."""

JSON = "JSON"

LIBRARIES = {"urllib3.connectionpool": logging.ERROR}
"""From which level on libraries are heard. This one warns of each connection that is not kept."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is handled, also in greenlets that it has started; "" for none."""


def context_of_request() -> Context:
    """For work that outlives the current request: a context that has its id, and holds nothing else of it."""
    context = Context()
    context.run(request_id.set, request_id.get())
    return context


def configure_logging(level: str = "INFO", form: str = "TEXT") -> None:
    """Write what this package logs, from `level` on, to stderr, as TEXT or JSON. May be called again.

    Libraries are heard as LIBRARIES says.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == JSON else TextFormatter(LINE, DATE))
    logger = logging.getLogger("kindlechat")
    logger.handlers = [handler]
    logger.setLevel(level)
    for name, least in LIBRARIES.items():
        logging.getLogger(name).setLevel(least)
    # No line has these, and a thread's name takes an object for each greenlet.
    logging.logThreads = logging.logMultiprocessing = False


def log_event(logger: logging.Logger, event: str, **facts: object) -> None:
    """Log an event at INFO with its facts: in text as `name=value`, in JSON as fields. None is left out."""
    told = {name: fact for name, fact in facts.items() if fact is not None}
    words = " ".join(f"{name}={fact}" for name, fact in told.items())
    logger.info("%s: %s", event, words, extra={"event": event, "facts": told})


class TextFormatter(logging.Formatter):
    """Lines for people. What belongs to a request ends with its id."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging names it
        line = super().formatMessage(record)
        return f"{line} [{request_id.get()}]" if request_id.get() else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "pid": record.process,
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        if facts := getattr(record, "facts", None):
            line |= {"event": getattr(record, "event", ""), **facts}
        else:
            line["message"] = record.getMessage()
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def gunicorn_logging() -> dict[str, object]:
    """A `logconfig_dict` that makes gunicorn's own lines JSON, too."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "kindlechat.logging.JsonFormatter"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"level": "INFO", "handlers": []},
        "loggers": {
            "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
            # Its lines hold queries, in which readers write.
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
        },
    }
