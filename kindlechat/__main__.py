"""The operator's commands: `python -m kindlechat backup FILE` and others."""

import argparse
import logging
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from kindlechat.errors import NewsletterError, SettingsError, StoreUnavailable
from kindlechat.newsletter.command import add_newsletter_commands
from kindlechat.operator.backup import BackupError, back_up, restore
from kindlechat.operator.doctor import examine, report
from kindlechat.operator.stats import periods, table
from kindlechat.settings import Settings
from kindlechat.site.mistakes import BuildError
from kindlechat.stores.factory import open_store
from kindlechat.stores.sqlite.database import FILE_NAME
from kindlechat.timings import Timings

ROOT = Path(__file__).resolve().parents[1]

EX_CONFIG = 78
"""The exit status for a wrong setting (sysexits.h)."""

REDIS_KEEPS_ITS_OWN = (
    "REDIS_URL is set: Redis keeps its own backups. Copy them with `redis-cli --rdb FILE` and restore"
    " them as Redis's documentation says"
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command, and return the exit status."""
    parsed = _parser().parse_args(arguments)
    logging.getLogger("kindlechat").addHandler(logging.NullHandler())  # the command itself tells
    try:
        settings = Settings.from_env(os.environ)
        status: int = parsed.run(settings, parsed)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # `head` and its like have read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except SettingsError as error:
        print(f"kindlechat: {error}", file=sys.stderr)
        return EX_CONFIG
    except (BackupError, BuildError, NewsletterError, StoreUnavailable) as error:
        print(f"kindlechat: {error}", file=sys.stderr)
        return 1


def _back_up(settings: Settings, parsed: argparse.Namespace) -> int:
    _refuse_redis(settings)
    size = back_up(settings.data, parsed.file)
    print(f"{parsed.file}: {size} bytes")
    return 0


def _restore(settings: Settings, parsed: argparse.Namespace) -> int:
    _refuse_redis(settings)
    before = restore(parsed.file, settings.data)
    print(f"{settings.data} holds what {parsed.file} holds")
    if before:
        print(f"what was there before is in {before}")
    return 0


def _refuse_redis(settings: Settings) -> None:
    if settings.redis_url:
        raise BackupError(REDIS_KEEPS_ITS_OWN)


def _stats(settings: Settings, _: argparse.Namespace) -> int:
    if not settings.redis_url and not (settings.data / FILE_NAME).exists():
        raise StoreUnavailable(f"expected a store in {settings.data}: set KINDLECHAT_DATA")
    store = open_store(settings, Timings())
    try:
        now = datetime.now().astimezone()
        since = min(start.timestamp() for start in periods(now).values())
        print(table(store.facts_since(since), now, store.size_bytes()))
    finally:
        store.close()
    print(f"these figures cover what is stored: {settings.keep_days} days (KINDLECHAT_KEEP_DAYS)")
    return 0


def _doctor(settings: Settings, _: argparse.Namespace) -> int:
    return report(examine(settings, ROOT), print)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kindlechat", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    backup = commands.add_parser(
        "backup", help="copy the SQLite store to a new file; the server may run"
    )
    backup.add_argument("file", type=Path)
    backup.set_defaults(run=_back_up)
    again = commands.add_parser(
        "restore", help="put a backup in the store's place; stop the server first"
    )
    again.add_argument("file", type=Path)
    again.set_defaults(run=_restore)
    stats = commands.add_parser("stats", help="sum up today, this week and this month")
    stats.set_defaults(run=_stats)
    doctor = commands.add_parser("doctor", help="look for what is wrong, and say what to do")
    doctor.set_defaults(run=_doctor)
    add_newsletter_commands(commands)
    return parser


if __name__ == "__main__":
    # As an exception, it also lets go of what the command holds.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    sys.exit(main())
