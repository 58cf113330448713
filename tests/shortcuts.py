"""Lets the tests' applications start in a third of the time; loaded as a plugin.

A server does once what these leave out; the tests start hundreds of applications.
"""

import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, cast

from werkzeug.routing import BaseConverter, Rule
from werkzeug.routing.rules import RulePart

from kindlechat.stores.sqlite.database import SqliteDatabase
from kindlechat.stores.sqlite.schema import MIGRATIONS

Builder = Callable[..., tuple[str, str]]

_compile_builder = Rule._compile_builder
_parse_rule = Rule._parse_rule
_parsed: dict[str, tuple[list[RulePart], list[tuple[bool, str]], dict[str, BaseConverter]]] = {}
_open = SqliteDatabase._open
_filling = Lock()


def _compile_when_asked(rule: Rule, append_unknown: bool = True) -> Builder:
    """Compile what builds addresses when an address is built.

    werkzeug compiles two functions for each of a hundred routes: half of the time that an application takes
    to start.
    """
    made: list[Builder] = []

    def build(*arguments: Any, **more: Any) -> tuple[str, str]:
        if not made:
            made.append(_compile_builder(rule, append_unknown))
        return made[0](*arguments, **more)

    return build


def _parse_once(rule: Rule, text: str) -> list[RulePart]:
    """Parse what the addresses of a route look like for the first application, and copy it for the others."""
    if text not in _parsed:
        parts = [*_parse_rule(rule, text)]
        _parsed[text] = parts, rule._trace, rule._converters
        return parts
    parts, trace, converters = _parsed[text]
    rule._trace, rule._converters = [*trace], {**converters}
    rule.arguments |= converters.keys()
    return parts


def _open_filled(database: SqliteDatabase, migrations: Sequence[str]) -> None:
    """Begin a new file as a copy of one that has all its tables."""
    if migrations is MIGRATIONS:
        with _filling:
            if database.path.stat().st_size == 0:
                database.path.write_bytes(_new_file())
    _open(database, migrations)


@cache
def _new_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        database = SqliteDatabase(Path(folder), migrations=[*MIGRATIONS])
        database._db.close()
        database.thread.kill()
        return database.path.read_bytes()


cast(Any, Rule)._compile_builder = _compile_when_asked
cast(Any, Rule)._parse_rule = _parse_once
cast(Any, SqliteDatabase)._open = _open_filled
