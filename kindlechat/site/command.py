"""Build the static site, check whether it is up to date, or serve it while it is being written."""

import argparse
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from kindlechat.errors import SettingsError
from kindlechat.setting_values import own_url
from kindlechat.site.building import build, compare
from kindlechat.site.mistakes import BuildError
from kindlechat.site.options import Options
from kindlechat.site.result import BuildResult
from kindlechat.site_settings import SiteSettings

EX_CONFIG = 78
"""The exit status for a wrong setting (sysexits.h)."""

NO_ADDRESS = (
    "KINDLECHAT_BASE_URL is not set: the site has no sitemap, and its feeds"
    " have addresses without a host"
)

MOST_PORT = 65535

PROGRESS_AFTER_S = 1.0
PROGRESS_EVERY_S = 0.2


def build_or_serve(progress_after_s: float = PROGRESS_AFTER_S) -> int:
    """Do what the command line asks, say in one line what happened, and return the exit status.

    A build that takes longer than `progress_after_s` seconds shows on the terminal how far it is.
    """
    # Raised as an exception, SIGTERM also ends the processes that share the work, and cleans up.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    arguments = _parse_arguments()
    try:
        settings = SiteSettings.from_env(os.environ)
        options = Options(
            base_url=arguments.base_url or settings.base_url,
            today=_today(),
            drafts=arguments.drafts,
            newsletter=settings.newsletter,
            server=arguments.server or arguments.check or arguments.command == "serve",
        )
        if arguments.command == "serve":
            from kindlechat.site.serving import serve

            return serve(arguments.source, options, arguments.host, arguments.port, _say)
        return _build(arguments, options, progress_after_s)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    except (BuildError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("command", nargs="?", choices=("build", "serve"), default="build")
    add("--source", type=Path, default=Path("site"), help="folder of the sources; default: site")
    add("--out", type=Path, help="folder of the site; default: public")
    add("--base-url", type=_base_url, help="the site's own address, for canonical links, the"
        " sitemap and feeds; default: KINDLECHAT_BASE_URL, or what the platform tells")  # fmt: skip
    add("--drafts", action="store_true", help="show drafts and posts of later days")
    add("--server", action="store_true", help="also compile the templates of the server's own"
        " pages: it starts sooner, and a mistake in one is told now")  # fmt: skip
    add("--check", action="store_true", help="write nothing; exit 1 if the site is not up to date")
    add("--check-external", action="store_true", help="list the links to other sites, and try them")
    add(
        "--host",
        help="where serve listens; default: 127.0.0.1, and 0.0.0.0 is for other devices, too",
    )
    add("--port", type=_port, help="of serve; default: 8001")
    arguments = parser.parse_args()
    for option in _idle_options(arguments):
        parser.error(f"{option} has no meaning here")
    arguments.out = arguments.out or Path("public")
    arguments.host = arguments.host or "127.0.0.1"
    arguments.port = 8001 if arguments.port is None else arguments.port
    return arguments


def _idle_options(arguments: argparse.Namespace) -> Iterator[str]:
    """The given options that would have no effect."""
    if arguments.command == "serve":
        given = {
            "--out": arguments.out is not None,
            "--check": arguments.check,
            "--check-external": arguments.check_external,
        }
    else:
        given = {
            "--host": arguments.host is not None,
            "--port": arguments.port is not None,
            "--check-external with --check": arguments.check and arguments.check_external,
        }
    return (option for option, is_given in given.items() if is_given)


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > MOST_PORT:
        raise argparse.ArgumentTypeError(f"expected a port, 0 to {MOST_PORT}, got {value!r}")
    return int(value)


def _base_url(value: str) -> str:
    try:
        return own_url(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected {error}, got {value!r}") from error


def _today() -> date:
    """Today in UTC, or the day of SOURCE_DATE_EPOCH, for reproducible builds."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch and not re.fullmatch(r"[0-9]{1,11}", epoch):
        raise SettingsError(f"SOURCE_DATE_EPOCH: expected seconds since 1970, got {epoch!r}")
    return datetime.fromtimestamp(int(epoch or time.time()), UTC).date()


def _build(arguments: argparse.Namespace, options: Options, progress_after_s: float) -> int:
    began = time.monotonic()
    if arguments.check:
        return _check(compare(arguments.source, arguments.out, options))
    progress = ProgressLine(progress_after_s) if sys.stderr.isatty() else _stay_quiet
    result = build(arguments.source, arguments.out, options, progress)
    if options.server:
        from kindlechat.rendering.ui.languages import TARGETS, Language  # the build has loaded it

        for code in TARGETS:  # kept, where servers find it: to look them up takes 0.1 s and 20 MB
            Language.of(code)
    print(
        f"{arguments.out}: {len(result.written)} written, {len(result.unchanged)} unchanged,"
        f" {len(result.removed)} removed in {time.monotonic() - began:.2f} s"
    )
    if not options.base_url:
        print(NO_ADDRESS, file=sys.stderr)
    if arguments.check_external:
        from kindlechat.site.external import try_links
        from kindlechat.site.links import external_links

        return try_links(external_links(result.records, options.base_url), _say)
    return 0


def _check(result: BuildResult) -> int:
    for path in result.written:
        print(f"not up to date: {path}")
    for path in result.removed:
        print(f"not of this site: {path}")
    return 1 if result.written or result.removed else 0


class ProgressLine:
    """Shows on the terminal how far a long build is."""

    def __init__(self, after_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next_at = clock() + after_s

    def __call__(self, done: int, total: int) -> None:
        if self._clock() >= self._next_at:
            self._next_at = self._clock() + PROGRESS_EVERY_S
            print(f"\r{done} of {total} files", end="\r", file=sys.stderr, flush=True)


def _say(line: str) -> None:
    print(line, flush=True)


def _stay_quiet(done: int, total: int) -> None:
    pass
