"""Build the static site: `python build_site.py [--source site] [--target public]`."""

import argparse
import os
import sys
from pathlib import Path

from kindlechat.errors import SettingsError
from kindlechat.settings import Settings
from kindlechat.site import BuildError, build

EX_CONFIG = 78
"""The exit status for a wrong setting (sysexits.h)."""


def main() -> int:
    """Build, say in one line what was done, and return the exit status."""
    parser = argparse.ArgumentParser(description="Build the static site.")
    parser.add_argument("--source", type=Path, default=Path("site"), help="default: site")
    parser.add_argument("--target", type=Path, default=Path("public"), help="default: public")
    arguments = parser.parse_args()
    try:
        settings = Settings.from_env(os.environ)
        result = build(arguments.source, arguments.target, demo=settings.demo)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{arguments.target}: {len(result.written)} written,"
        f" {len(result.unchanged)} unchanged, {len(result.removed)} removed"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
