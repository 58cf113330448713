"""Parses front matter: the YAML between two lines of --- at the beginning of a source.

It uses PyYAML itself, because libraries for front matter forget the line numbers that mistakes need.
"""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from kindlechat.site.addresses import SLUG
from kindlechat.site.mistakes import BuildError, Mistake
from kindlechat.site.page_templates import OF_TEXTS
from kindlechat.site.text import UNSOUND, unsound_character

BEGIN = re.compile(r"---[ \t]*\n")
END = re.compile(r"^---[ \t]*(\n|\Z)", re.MULTILINE)
"""The lines around front matter. Nobody sees the blanks at the end of one."""

ALIAS = re.compile(r"(/[\w-]{1,100})+(/|\.html)|/", re.ASCII)
"""An alias is no second name of the same place, such as /a/./, and needs not both a file and a folder."""

MODES = ("auto", "stream", "poll")
"""The ways in which the script of a page fetches the answer."""

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader in C is ten times faster."""


class FrontMatter(NamedTuple):
    """What an author says about a page. `date` belongs to a post; `key` joins translations.

    `updated` is the day of a post's last change that readers should know about. `slugs` chooses addresses
    for tags.
    """

    title: str
    summary: str = ""
    date: datetime.date | None = None
    updated: datetime.date | None = None
    slug: str = ""
    tags: tuple[str, ...] = ()
    slugs: Mapping[str, str] = {}
    draft: bool = False
    key: str = ""
    template: str = ""
    mode: str = ""
    toc: bool = False
    aliases: tuple[str, ...] = ()
    lines: Mapping[str, int] = {}

    def line(self, name: str, item: str = "") -> int:
        """The line of the source that has this field, or this item of its list."""
        return line_of(self.lines, name, item)


def line_of(lines: Mapping[str, int], name: str, item: str = "") -> int:
    """The line of a field, or of an item of its list, among `lines` of front matter."""
    return lines.get(f"{name}: {item}") or lines.get(name, 1)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("text")
    return _sound(value)


def _sound(value: str) -> str:
    """Refuse what YAML escapes such as "\\x07" can add, though the source itself may not hold it."""
    unsound = UNSOUND.search(value)
    if unsound:
        raise ValueError(f"text without {unsound_character(unsound[0])}")
    return value


def _one_of(known: Sequence[str]) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in known:
            raise ValueError(f"one of {', '.join(known)}")
        return str(value)

    return parse


def _slug(value: object) -> str:
    if not isinstance(value, str) or not SLUG.fullmatch(value):
        raise ValueError("lower-case letters a to z, digits and single hyphens")
    return value


def _date(value: object) -> datetime.date:
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise ValueError("a day such as 2026-11-02")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _tags(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(tag, str) and tag for tag in value):
        raise ValueError("a list of words, such as [sse, http]")
    return tuple(map(_sound, value))


def _slugs(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(tag, str) for tag in value):
        raise ValueError("tags with their addresses, such as {C++: cpp}")
    return {_sound(tag): _slug(slug) for tag, slug in value.items()}


def _aliases(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(
        isinstance(alias, str) and ALIAS.fullmatch(alias) for alias in value
    ):
        raise ValueError("a list of addresses, such as [/old/place/, /older.html]")
    return tuple(value)


FIELDS: dict[str, Callable[[object], Any]] = {
    "title": _text,
    "summary": _text,
    "date": _date,
    "updated": _date,
    "slug": _slug,
    "tags": _tags,
    "slugs": _slugs,
    "draft": _flag,
    "key": _text,
    "template": _one_of(OF_TEXTS),
    "mode": _one_of(MODES),
    "toc": _flag,
    "aliases": _aliases,
}
"""Each parser raises ValueError whose text completes "expected …"."""

UNREADABLE = (ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What PyYAML raises besides its own errors: for a day such as 2026-13-01, for `!!bool maybe`."""

REQUIRED = ("title",)


class Source(NamedTuple):
    """The parts of a source: the front matter, and a body that begins on line `body_line`.

    A field with a mistake has its default, so that the rest can still be checked.
    """

    front: FrontMatter
    body: str
    body_line: int
    mistakes: tuple[Mistake, ...]


def split(text: str, file: str) -> Source:
    """Split a source into front matter and body. Returns the mistakes in the front matter too."""
    begin = BEGIN.match(text)
    end = END.search(text, begin.end()) if begin else None
    if begin is None or end is None:
        missing = Mistake(file, 1, "expected front matter between two lines of ---")
        return Source(_front(file, {}, {}), text, 1, (missing,))
    front, mistakes = _parse(text[begin.end() : end.start()], file)
    first_line = text.count("\n", 0, end.end()) + 1
    return Source(front, text[end.end() :], first_line, tuple(mistakes))


def _parse(head: str, file: str) -> tuple[FrontMatter, list[Mistake]]:
    lines: dict[str, int] = {}
    fields: dict[str, Any] = {}
    mistakes = []
    try:
        loaded = _load(head, file)
    except BuildError as error:
        return _front(file, {}, {}), list(error.mistakes)
    for name, line, value, trouble, items in loaded:
        what = trouble or _take(name, value, lines.get(name), fields)
        if what:
            mistakes.append(Mistake(file, lines.get(name, line), f"front matter: {what}"))
        lines.setdefault(name, line)
        lines |= {f"{name}: {item}": at for item, at in items.items()}
    for name in REQUIRED:
        if name not in lines:
            mistakes.append(Mistake(file, 1, f"front matter: no {name}"))
    return _front(file, fields, lines), mistakes


def _take(name: str, value: object, earlier: int | None, fields: dict[str, Any]) -> str:
    """Put a field among the `fields`. Returns what is wrong with it. `earlier` is a line that has it, too."""
    if name not in FIELDS:
        return f"unknown field {name}; the known ones are {', '.join(FIELDS)}"
    if earlier:
        return f"{name} is there twice"
    try:
        fields[name] = FIELDS[name](value)
    except ValueError as error:
        return f"expected {name} to be {error}, got {_shown(value)}"
    return ""


def _shown(value: object) -> str:
    """A value as its author wrote it, about."""
    if value is None:
        return "nothing"
    return str(value) if isinstance(value, datetime.date) else repr(value)


def _front(file: str, fields: dict[str, Any], lines: dict[str, int]) -> FrontMatter:
    return FrontMatter(**{"title": file, **fields}, lines=lines)


class _Loaded(NamedTuple):
    """A field as YAML has it: its name, its line, its value, or the trouble with that, and the lines of the
    items of its list."""

    name: str
    line: int
    value: object
    trouble: str
    items: Mapping[str, int]


def _load(head: str, file: str) -> list[_Loaded]:
    """The fields. Raises BuildError where they cannot be told apart."""
    loader = Loader(head)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise BuildError(Mistake(file, 1, "front matter: expected lines of 'name: value'"))
        return [
            _Loaded(
                str(key.value),
                key.start_mark.line + 2,
                *_construct(loader, key.value, value),
                _lines_of_items(value),
            )
            for key, value in node.value
        ]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise BuildError(Mistake(file, line, f"front matter: {error.problem}")) from error
    except yaml.YAMLError as error:
        what = "front matter: a character that YAML does not allow"
        raise BuildError(Mistake(file, 1, what)) from error
    except UNREADABLE as error:  # a deeply nested list
        raise BuildError(Mistake(file, 1, f"front matter: {_told(error)}")) from error
    finally:
        loader.dispose()


def _lines_of_items(node: yaml.Node) -> dict[str, int]:
    """Where the items have lines of their own; [a, b] stands on that of the field, as a rule."""
    if not isinstance(node, yaml.SequenceNode) or node.flow_style:
        return {}
    return {str(item.value): item.start_mark.line + 2 for item in node.value}


def _construct(loader: Any, name: object, node: yaml.Node) -> tuple[object, str]:
    """The value of a field, or what is wrong with it, such as the day 2026-11-31."""
    try:
        return loader.construct_object(node, deep=True), ""
    except yaml.MarkedYAMLError as error:
        return None, f"{name}: {error.problem}"
    except UNREADABLE as error:
        return None, f"{name}: {_told(error)}"


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, ValueError) else "a value that is not of its type"
