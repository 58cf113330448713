"""Applications and stores that start quickly, for tests that start hundreds of them.

What each would make anew is made once a process: a file with all tables, and what a route's address looks
like. A server starts once, and has no use for that.
"""

import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from werkzeug.routing import BaseConverter, Rule
from werkzeug.routing.rules import RulePart

from harness.haste import hastened
from kindlechat.settings import Settings
from kindlechat.stores.sqlite import SqliteStore
from kindlechat.stores.sqlite.database import FILE_NAME
from kindlechat.timings import Timings
from kindlechat.web.app import Kindlechat, create_app

Builder = Callable[..., tuple[str, str]]

_parsed: dict[str, tuple[list[RulePart], list[tuple[bool, str]], dict[str, BaseConverter]]] = {}


class QuickRule(Rule):
    """A route that is made in a fifth of the time: werkzeug compiles two functions for each."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        """Compile what builds addresses when one is built."""
        made: list[Builder] = []

        def build(*arguments: Any, **more: Any) -> tuple[str, str]:
            if not made:
                made.append(super(QuickRule, self)._compile_builder(append_unknown))
            return made[0](*arguments, **more)

        return build

    def _parse_rule(self, rule: str) -> list[RulePart]:
        """Parse an address for the first application, and copy what came of it for the others."""
        if rule not in _parsed:
            parts = [*super()._parse_rule(rule)]
            _parsed[rule] = parts, self._trace, self._converters
            return parts
        parts, trace, converters = _parsed[rule]
        self._trace, self._converters = [*trace], {**converters}
        self.arguments |= converters.keys()
        return parts


def start_app(environment: Mapping[str, str], timings: Timings | None = None) -> Kindlechat:
    """The application for these settings, with the timings of harness/haste.py unless others are given."""
    settings = Settings.from_env(environment)
    if not settings.redis_url:
        begin_store(settings.data)
    return create_app(settings, timings=timings or hastened(Timings()), rule_class=QuickRule)


def begin_store(folder: Path) -> None:
    """Put the file of an empty store into a folder that has none, so that no tables have to be made."""
    file = folder / FILE_NAME
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(0o600)  # as a store does: nobody else's to read
        file.write_bytes(_empty_store())


@cache
def _empty_store() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder))
        store.close()
        return store.path.read_bytes()
