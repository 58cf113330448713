"""The languages of the pages: their sentences from gettext catalogs, their addresses, numbers and dates.

The English source of every sentence is `messages.pot`; a message's context is the name by which
templates and code ask for it. A language is there when it has a catalog, `LANG.po`.
"""

import gettext
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import babel
from babel.core import parse_locale

from kindlechat.rendering.ui.cldr import LONE, facts_of, locale_of
from kindlechat.rendering.ui.kept import keep_made, made_of
from kindlechat.rendering.ui.sources import find_sources

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

ENGLISH = "en"
"""The language of the sources, whose pages have no folder of their own."""

SOURCE = "messages.pot"

FORMATTED = 4096
"""Days, and numbers, that are remembered as they are written; a reader can make up any number."""

THOUSAND = 1000

TARGETS = (
    "en de fr es it nl pt-BR pl cs sv da nb fi uk ru el"
    " tr ar fa he hi bn id vi th ko ja zh-Hans zh-Hant la".split()
)
"""The languages that an answer can be translated into, by their codes."""

Messages = Mapping[str, tuple[str, str]]
"""The English of each sentence, by name: for one, and for many where that is told apart."""


@dataclass(frozen=True)
class Language:
    """How a language writes. `code` is what addresses and `lang` attributes say."""

    code: str

    @classmethod
    @cache
    def of(cls, code: str) -> "Language":
        """Raises ValueError for a code that Babel's data does not have."""
        facts_of(code)
        return cls(code)

    @property
    def root(self) -> str:
        """What the addresses of its pages begin with: nothing for English, else /LANG."""
        return "" if self.code == ENGLISH else f"/{self.code}"

    @property
    def direction(self) -> str:
        """The value of a `dir` attribute."""
        return facts_of(self.code).direction

    @property
    def own_name(self) -> str:
        """What its readers call it, as a list of languages shows it: Русский."""
        return facts_of(self.code).own_name

    @property
    def english_name(self) -> str:
        """What it is called in English: Russian."""
        return facts_of(self.code).english_name

    def script_in(self, territory: str) -> str:
        """The script that people write it in: Hant for Chinese in TW. "" where nobody knows."""
        scripts = facts_of(self.code).scripts
        return scripts.get(territory) or scripts.get(LONE, "")

    @lru_cache(FORMATTED)  # noqa: B019 (there are few languages, and they stay)
    def date(self, value: date) -> str:
        """A day in words: 2 November 2026."""
        # Babel's rules and data for days and numbers take 3 MB, and most pages have neither.
        from babel.dates import format_date

        return format_date(value, "long", locale_of(self.code))

    @lru_cache(FORMATTED)  # noqa: B019
    def number(self, value: int) -> str:
        """A number with its thousands parted as the language does."""
        if 0 <= value < THOUSAND:
            return str(value)  # in all languages the same; see `date`
        from babel.numbers import format_decimal

        return format_decimal(value, locale=locale_of(self.code))


@lru_cache(FORMATTED)
def parts_of(tag: str) -> tuple[str, str, str]:
    """The language, the territory and the script that a tag (RFC 5646) names; "" for what it leaves open.

    What is no tag has none of them.
    """
    try:
        language, territory, script, *_ = parse_locale(tag, sep="-")
    except ValueError:
        return "", "", ""
    return language, territory or "", script or ""


class Sentences:
    """The sentences of one language."""

    def __init__(self, language: Language, source: Messages, catalog: bytes) -> None:
        """`catalog` is a compiled one (see `compile_catalog`), or nothing for English."""
        self.language = language
        self._source = source
        self._catalog = catalog
        self._plain: dict[str, str] = {}
        """Sentences without placeholders. A page has a dozen; to look one up takes a while."""

    @cached_property
    def _translations(self) -> gettext.NullTranslations:
        # With the first page in the language: it takes a millisecond, and twice the catalog's memory.
        if not self._catalog:
            return gettext.NullTranslations()
        translations = gettext.GNUTranslations(io.BytesIO(self._catalog))
        self._catalog = b""
        return translations

    @property
    def names(self) -> Iterable[str]:
        """The names of all sentences."""
        return self._source.keys()

    def __call__(self, name: str, /, **values: object) -> str:
        """The sentence `name` with its {placeholders} filled in; `n` chooses the plural form.

        Raises KeyError for an unknown name, or a placeholder that got no value.
        """
        if not values:
            if name not in self._plain:
                self._plain[name] = self._say(name, values)
            return self._plain[name]
        return self._say(name, values)

    def _say(self, name: str, values: Mapping[str, object]) -> str:
        one, many = self._source[name]
        if many:
            text = self._translations.npgettext(name, one, many, values["n"])  # type: ignore[arg-type]
        else:
            text = self._translations.pgettext(name, one)
        if "{" not in text:
            return text
        return text.format_map({key: self._shown(value) for key, value in values.items()})

    def _shown(self, value: object) -> object:
        return self.language.number(value) if type(value) is int else value


def load_sentences(folder: Path) -> Mapping[str, Sentences]:
    """The sentences of every language that has a catalog in `folder`, English first.

    Raises OSError without `messages.pot`, and PoFileError or ValueError for what is no catalog.
    """
    data = (folder / SOURCE).read_bytes()
    made = made_of(_kept_from(data), lambda: _as_json(parse_source(data)), folder, SOURCE)
    source = {name: (one, many) for name, (one, many) in json.loads(made).items()}
    return {ENGLISH: Sentences(Language.of(ENGLISH), source, b"")} | {
        path.stem: Sentences(Language.of(path.stem), source, _compiled(path))
        for path in find_sources(folder, "*.po")
    }


def keep_source(data: bytes, source: Messages, folder: Path) -> None:
    """Keep what `parse_source` made of the English sentences, for `load_sentences`."""
    keep_made(_kept_from(data), _as_json(source), folder, SOURCE)


def keep_catalog(data: bytes, compiled: bytes, path: Path) -> None:
    """Keep what `compile_catalog` made of a catalog, for `load_sentences`."""
    keep_made(_kept_from(data), compiled, path.parent, path.name)


def _as_json(source: Messages) -> bytes:
    return json.dumps(source).encode()


def _kept_from(data: bytes) -> bytes:
    """What decides whether something that is kept is still right."""
    return babel.__version__.encode() + data


def _compiled(path: Path) -> bytes:
    """A catalog as gettext reads it."""
    data, code = path.read_bytes(), path.stem

    def make() -> bytes:
        return compile_catalog(parse_catalog(data, code))

    return made_of(_kept_from(data), make, path.parent, path.name)


def parse_source(data: bytes) -> Messages:
    """The English sentences of `messages.pot`. Raises as parse_catalog does."""
    return {
        str(message.context): english_of(message) for message in parse_catalog(data) if message.id
    }


def english_of(message: "Message") -> tuple[str, str]:
    """The English of a message: for one, and for many where that is told apart."""
    if message.pluralizable:
        return str(message.id[0]), str(message.id[1])
    return str(message.id), ""


def parse_catalog(data: bytes, code: str | None = None) -> "Catalog":
    """The catalog of a language as Babel reads it.

    Raises PoFileError, and ValueError for what is not UTF-8.
    """
    # Loading it takes a while, and catalogs seldom change.
    from babel.messages.pofile import read_po

    locale = locale_of(code) if code else None
    return read_po(io.BytesIO(data), locale=locale, abort_invalid=True)


def compile_catalog(catalog: "Catalog") -> bytes:
    """The catalog in the form that gettext reads."""
    from babel.messages.mofile import write_mo

    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()
