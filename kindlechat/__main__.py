"""The operator's commands: `python -m kindlechat backup FILE` and others."""

import argparse
import os
import sys
from pathlib import Path

from kindlechat.errors import SettingsError
from kindlechat.operator.backup import BackupError, back_up, restore
from kindlechat.settings import Settings

EX_CONFIG = 78
"""The exit status for a wrong setting (sysexits.h)."""

REDIS_KEEPS_ITS_OWN = (
    "REDIS_URL is set: Redis keeps its own backups. Copy them with `redis-cli --rdb FILE` and restore"
    " them as Redis's documentation says"
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command, and return the exit status."""
    parsed = _parser().parse_args(arguments)
    try:
        settings = Settings.from_env(os.environ)
        if settings.redis_url:
            raise BackupError(REDIS_KEEPS_ITS_OWN)
        return _run(parsed, settings)
    except SettingsError as error:
        print(f"kindlechat: {error}", file=sys.stderr)
        return EX_CONFIG
    except BackupError as error:
        print(f"kindlechat: {error}", file=sys.stderr)
        return 1


def _run(parsed: argparse.Namespace, settings: Settings) -> int:
    if parsed.command == "backup":
        size = back_up(settings.data, parsed.file)
        print(f"{parsed.file}: {size} bytes")
    else:
        before = restore(parsed.file, settings.data)
        print(f"{settings.data} holds what {parsed.file} holds")
        if before:
            print(f"what was there before is in {before}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kindlechat", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    backup = commands.add_parser(
        "backup", help="copy the SQLite store to a new file; the server may run"
    )
    backup.add_argument("file", type=Path)
    again = commands.add_parser(
        "restore", help="put a backup in the store's place; stop the server first"
    )
    again.add_argument("file", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
