"""Loads the catalogs of translations and checks that each language is complete."""

import gettext
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kindlechat.rendering.ui.languages import (
    ENGLISH,
    SOURCE,
    Language,
    Messages,
    Sentences,
    compile_catalog,
    english_of,
    keep_catalog,
    keep_source,
    parse_catalog,
    parse_source,
)
from kindlechat.rendering.ui.sources import find_sources
from kindlechat.site.cache import Cache, digest
from kindlechat.site.folders import TRANSLATIONS
from kindlechat.site.mistakes import BuildError, Mistake
from kindlechat.site.text import UNSOUND, unsound_character

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

T = TypeVar("T")

PLACEHOLDER = re.compile(r"\{(\w+)\}")
PLURAL_SAMPLE = 1000
"""Plural rules are compared for so many numbers. No language looks further than the last two digits."""

COUNT = "n"
"""The placeholder that a plural form may leave out: "one post"."""


def load_catalogs(source: Path, cache: Cache) -> Mapping[str, Sentences]:
    """The sentences of every language, English first. Raises BuildError with every mistake."""
    folder = source / TRANSLATIONS
    try:
        data = (folder / SOURCE).read_bytes()
    except OSError as error:
        raise BuildError(
            Mistake(f"{TRANSLATIONS}/{SOURCE}", 1, "expected the English sentences")
        ) from error
    key = digest(data)
    english = cache.value("source", key, lambda: _parse(SOURCE, data, parse_source))
    keep_source(data, english, folder)  # a server reads the same sentences
    sentences = {ENGLISH: Sentences(Language.of(ENGLISH), english, b"")}
    mistakes: list[Mistake] = []
    for path in find_sources(folder, "*.po"):
        try:
            sentences[path.stem] = _load(path, english, key, cache)
        except BuildError as error:
            mistakes += error.mistakes
    if mistakes:
        raise BuildError(*mistakes)
    return sentences


def _load(path: Path, english: Messages, english_key: str, cache: Cache) -> Sentences:
    data = path.read_bytes()
    key = digest(path.name.encode(), data, english_key.encode())
    compiled = cache.value("catalog", key, lambda: _compile(path.name, data, english))
    keep_catalog(data, compiled, path)
    return Sentences(Language.of(path.stem), english, compiled)


def _compile(name: str, data: bytes, english: Messages) -> bytes:
    code = name.removesuffix(".po")
    try:
        Language.of(code)
    except ValueError as error:
        raise BuildError(Mistake(f"{TRANSLATIONS}/{name}", 1, f"its name: {error}")) from error
    catalog = _parse(name, data, partial(parse_catalog, code=code))
    mistakes = [
        Mistake(f"{TRANSLATIONS}/{name}", line, what) for line, what in _mistakes(catalog, english)
    ]
    if mistakes:
        raise BuildError(*mistakes)
    return compile_catalog(catalog)


def _parse(name: str, data: bytes, parse: Callable[[bytes], T]) -> T:
    # Loading it takes a while, and catalogs seldom change.
    from babel.messages.pofile import PoFileError

    try:
        return parse(data)
    except (PoFileError, ValueError, LookupError) as error:  # LookupError: an unknown charset
        line = error.lineno + 1 if isinstance(error, PoFileError) else 1
        what = f"expected a gettext catalog: {error}"
        raise BuildError(Mistake(f"{TRANSLATIONS}/{name}", line, what)) from error


def _mistakes(catalog: "Catalog", english: Messages) -> Iterator[tuple[int, str]]:
    """What is missing or wrong in a catalog, with lines."""
    from babel.messages.plurals import get_plural

    right = get_plural(catalog.locale)
    same_number = catalog.num_plurals == right.num_plurals
    if not (same_number and _same_rule(catalog.plural_expr, right.plural_expr)):
        yield 1, f"expected Plural-Forms: {right.plural_forms}"
    found: dict[str, Message] = {str(message.context): message for message in catalog if message.id}
    for name, message in found.items():
        line = message.lineno or 1
        if name not in english:
            yield line, f"{name}: messages.pot has no such sentence"
        elif english_of(message) != english[name]:
            yield line, f"{name}: the English has changed; bring the translation up to date"
        elif message.fuzzy:
            yield line, f"{name}: marked fuzzy; look at it, then take the mark away"
        else:
            yield from ((line, f"{name}: {what}") for what in _lacks(message, catalog.num_plurals))
    for name in english.keys() - found.keys():
        yield 1, f"{name}: not translated"


def _same_rule(rule: str, other: str) -> bool:
    """Whether two rules (in gettext's C) choose the same plural forms."""
    try:
        first, second = gettext.c2py(rule), gettext.c2py(other)
    except ValueError:
        return False
    return all(first(n) == second(n) for n in range(PLURAL_SAMPLE))


def _lacks(message: "Message", plurals: int) -> Iterator[str]:
    said = message.string if message.pluralizable else [message.string]
    forms = [str(form or "") for form in said or ()]
    if message.pluralizable and len(forms) != plurals:
        yield f"expected {plurals} plural forms, got {len(forms)}"
    if not all(form.strip() for form in forms):
        yield "not translated"
        return
    wanted = set(PLACEHOLDER.findall(english_of(message)[0]))
    for form in forms:
        got = set(PLACEHOLDER.findall(form))
        spare = {COUNT} if message.pluralizable else set()
        if got - wanted or wanted - got - spare:
            yield f"expected the placeholders {sorted(wanted)}, got {sorted(got)}"
        elif not _can_be_filled_in(form, wanted):
            yield "expected braces around the names of placeholders only"
        unsound = UNSOUND.search(form)
        if unsound:
            yield unsound_character(unsound[0])


def _can_be_filled_in(form: str, placeholders: Iterable[str]) -> bool:
    """Whether `Sentences` can fill in this form. It leaves a text without an opening brace as it is."""
    try:
        return "{" not in form or bool(form.format_map(dict.fromkeys((COUNT, *placeholders), "1")))
    except (ValueError, LookupError, AttributeError):
        return False
