"""The languages of the pages: their sentences from gettext catalogs, their addresses, numbers and dates.

The English source of every sentence is `messages.pot`; a message's context is the name by which
templates and code ask for it. A language is there when it has a catalog, `LANG.po`.
"""

import gettext
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import babel
from babel import Locale, UnknownLocaleError
from babel.core import get_global, parse_locale
from babel.dates import format_date
from babel.numbers import format_decimal

from kindlechat.rendering.ui.kept import made_of
from kindlechat.rendering.ui.sources import find_sources

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

ENGLISH = "en"
"""The language of the sources, whose pages have no folder of their own."""

SOURCE = "messages.pot"

FORMATTED = 4096
"""Days, and numbers, that are remembered as they are written; a reader can make up any number."""

Messages = Mapping[str, tuple[str, str]]
"""The English of each sentence, by name: for one, and for many where that is told apart."""


@dataclass(frozen=True)
class Language:
    """How a language writes. `code` is what addresses and `lang` attributes say."""

    code: str
    locale: Locale

    @classmethod
    @cache
    def of(cls, code: str) -> "Language":
        """Raises ValueError for a code that Babel's data does not have."""
        try:
            return cls(code, Locale.parse(code, sep="-"))
        except (UnknownLocaleError, ValueError) as error:
            raise ValueError(f"expected the code of a language, such as en, got {code}") from error

    @property
    def root(self) -> str:
        """What the addresses of its pages begin with: nothing for English, else /LANG."""
        return "" if self.code == ENGLISH else f"/{self.code}"

    @property
    def direction(self) -> str:
        """The value of a `dir` attribute."""
        return "rtl" if self.locale.character_order == "right-to-left" else "ltr"

    @property
    def own_name(self) -> str:
        """What its readers call it, as a list of languages shows it: Русский."""
        name = _name(self.locale, self.locale) or self.code
        return name[0].upper() + name[1:]

    @property
    @lru_cache(FORMATTED)  # noqa: B019
    def english_name(self) -> str:
        """What it is called in English: Russian."""
        return _name(self.locale, Locale(ENGLISH)) or self.code

    @lru_cache(FORMATTED)  # noqa: B019 (there are few languages, and they stay)
    def date(self, value: date) -> str:
        """A day in words: 2 November 2026."""
        return format_date(value, "long", self.locale)

    @lru_cache(FORMATTED)  # noqa: B019
    def number(self, value: int) -> str:
        """A number with its thousands parted as the language does."""
        return format_decimal(value, locale=self.locale)


def _name(locale: Locale, within: Locale) -> str | None:
    """What a language calls another one, where it can in one phrase: Simplified Chinese."""
    return within.languages.get(str(locale)) or locale.get_display_name(within)


@lru_cache(FORMATTED)
def script_of(tag: str) -> tuple[str, str] | None:
    """The language and the script that a tag (RFC 5646) means: zh-TW is Chinese in traditional signs.

    None for what is no tag.
    """
    try:
        language, territory, script, *_ = parse_locale(tag, sep="-")
    except ValueError:
        return None
    likely = get_global("likely_subtags")
    for known in (f"{language}_{territory}", language):
        if not script and known in likely:
            script = parse_locale(likely[known])[2]
    return language, script or ""


class Sentences:
    """The sentences of one language."""

    def __init__(self, language: Language, source: Messages, catalog: bytes) -> None:
        """`catalog` is a compiled one (see `compile_catalog`), or nothing for English."""
        self.language = language
        self._source = source
        self._translations = (
            gettext.GNUTranslations(io.BytesIO(catalog)) if catalog else gettext.NullTranslations()
        )
        self._plain: dict[str, str] = {}
        """Sentences without placeholders. A page has a dozen; to look one up takes a while."""

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
    source = parse_source((folder / SOURCE).read_bytes())
    return {ENGLISH: Sentences(Language.of(ENGLISH), source, b"")} | {
        path.stem: Sentences(Language.of(path.stem), source, _compiled(path))
        for path in find_sources(folder, "*.po")
    }


def _compiled(path: Path) -> bytes:
    """A catalog as gettext reads it."""
    data, code = path.read_bytes(), path.stem

    def make() -> bytes:
        return compile_catalog(parse_catalog(data, code))

    return made_of(babel.__version__.encode() + data, make, path.parent, path.name)


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

    locale = Language.of(code).locale if code else None
    return read_po(io.BytesIO(data), locale=locale, abort_invalid=True)


def compile_catalog(catalog: "Catalog") -> bytes:
    """The catalog in the form that gettext reads."""
    from babel.messages.mofile import write_mo

    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()
