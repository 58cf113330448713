"""The templates of all pages, static and dynamic, loaded once for every language."""

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from types import CodeType

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from kindlechat.rendering.ui.assets import Asset, load_assets
from kindlechat.rendering.ui.constants import ConstantsEnvironment
from kindlechat.rendering.ui.kept import find_kept, keep
from kindlechat.rendering.ui.languages import ENGLISH, Language, Sentences, load_sentences
from kindlechat.rendering.ui.markers import (
    ANSWER_END,
    ANSWER_START,
    DEMO_PLACE,
    NO_KEY,
    PRESETS_PLACE,
    RECENT_PLACE,
)
from kindlechat.rendering.ui.sources import scan

TEMPLATES, TRANSLATIONS, ASSETS = "templates", "translations", "assets"
"""The folders of a site's sources that make its templates."""


class Templates:
    """The templates of a site, in every language that has a catalog."""

    def __init__(
        self,
        templates: Path,
        sentences: Mapping[str, Sentences],
        assets: Mapping[str, Asset],
        *,
        demo: bool | None = None,
    ) -> None:
        """`demo` makes every page say that no model is asked; None leaves a place for that, as whoever
        serves the page decides it."""
        self.assets = assets
        loader = _Sources(templates)
        self._localized = {}
        for code, words in sentences.items():
            environment = _environment(loader, words, assets)
            environment.globals["demo"] = demo
            self._localized[code] = LocalizedTemplates(environment, words)

    @classmethod
    def load(cls, source: Path, *, demo: bool | None = None) -> "Templates":
        """The templates of a site's sources. Raises OSError and ValueError for what cannot be read.

        All applications of a process share them, as long as no source changes.
        """
        return _load(source, demo, _state(source))

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages that have sentences, English first."""
        return tuple(templates.language for templates in self._localized.values())

    def localized(self, code: str = ENGLISH) -> "LocalizedTemplates":
        """The templates in one language. Raises KeyError where there is none."""
        return self._localized[code]

    def compile_all(self) -> None:
        """Compile every template now. Raises jinja2.TemplateSyntaxError.

        In other languages than English each is made when it is first wanted, in a third of a millisecond: all
        that it takes is in memory.
        """
        self.localized().compile_all()


class LocalizedTemplates:
    """The templates in one language.

    They see, beside the values given, `t(name, **values)` for sentences, the `language`, `root`
    (what the addresses of its pages begin with), `asset(name)`, `demo` and the markers.
    """

    def __init__(self, environment: Environment, sentences: Sentences) -> None:
        self._environment = environment
        self.sentence = sentences
        """A sentence by its name, with its placeholders filled in. Raises KeyError."""

    @property
    def language(self) -> Language:
        """The language of the pages that it renders."""
        return self.sentence.language

    @cached_property
    def templates(self) -> tuple[str, ...]:
        """The names of all templates."""
        return tuple(self._environment.list_templates(extensions=["html"]))

    def complete(self, html: str) -> str:
        """A page of the built site with what the server puts in its places; RECENT_PLACE stays."""
        return html.replace(DEMO_PLACE, self.demo_note())

    def demo_note(self) -> str:
        """What every page says where no model is asked; "" where one is."""
        return self.render("demo.html") if self._environment.globals["demo"] else ""

    def compile_all(self) -> None:
        """Compile every template now. Raises jinja2.TemplateSyntaxError."""
        for name in self.templates:
            self.compile(name)

    def compile(self, name: str) -> None:
        """Compile a template now, unless that was done before. Raises jinja2.TemplateSyntaxError."""
        self._environment.get_template(name)

    def render(self, template: str, /, **values: object) -> str:
        """The page that `template` makes of `values`.

        Raises jinja2.UndefinedError where the template wants a value that was not given, and
        KeyError for a sentence that does not exist.
        """
        environment = self._environment
        page = environment.get_template(template)
        # As Template.render does, but that takes the globals from a chain of dictionaries, one by one, and
        # looks with each import whether the page has globals of its own.
        context = environment.context_class(
            environment, environment.globals | values, page.name, page.blocks
        )
        try:
            return environment.concat(page.root_render_func(context))
        except Exception:  # noqa: BLE001 (raised again)
            environment.handle_exception()  # the traceback gets the templates' own lines
        finally:
            # Macros know the context, which would be a cycle that only a full collection of garbage frees.
            context.vars.clear()


@lru_cache(maxsize=2)
def _load(source: Path, demo: bool | None, state: object) -> Templates:
    """The templates of sources in this state."""
    sentences = load_sentences(source / TRANSLATIONS)
    return Templates(source / TEMPLATES, sentences, load_assets(source / ASSETS), demo=demo)


def _state(source: Path) -> object:
    """What is another one once a source has changed."""
    folders = (TEMPLATES, TRANSLATIONS, ASSETS)
    files = [entry for folder in folders for entry in scan(source / folder) if entry.is_file()]
    return tuple((file.path, (status := file.stat()).st_mtime_ns, status.st_size) for file in files)


_CODES: dict[tuple[str, str], CodeType] = {}
"""Compiled templates, by their source: the same for all languages, and for each application."""


class _Compiled(BytecodeCache):
    """Keeps compiled templates in memory, and beside their sources."""

    def __init__(self, folder: Path, words: Iterable[str]) -> None:
        """`words` are the names of sentences and assets. A template is compiled for them; where they are
        others, it is compiled again."""
        self._folder = folder
        self._words = hashlib.sha256("\n".join(words).encode()).hexdigest()

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(source) + self._words

    def load_bytecode(self, bucket: Bucket) -> None:
        key = (bucket.key, bucket.checksum)
        if key not in _CODES:
            # Nothing is loaded where the source or Python is another one.
            bucket.load_bytecode(io.BytesIO(find_kept(self._folder, bucket.key)))
            if bucket.code is not None:
                _CODES[key] = bucket.code
        bucket.code = _CODES.get(key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is None:
            return
        _CODES[bucket.key, bucket.checksum] = bucket.code
        keep(self._folder, bucket.key, bucket.bytecode_to_string())


LoadedTemplate = tuple[str, str, Callable[[], bool]]


class _Sources(FileSystemLoader):
    """Reads each template once for all languages."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._read: dict[str, LoadedTemplate] = {}

    def get_source(self, environment: Environment, template: str) -> LoadedTemplate:
        if template not in self._read:
            self._read[template] = super().get_source(environment, template)
        return self._read[template]


def _environment(
    loader: FileSystemLoader, sentences: Sentences, assets: Mapping[str, Asset]
) -> ConstantsEnvironment:
    """An environment for each language: so macros know it, and are made once."""
    environment = ConstantsEnvironment(
        loader=loader,
        bytecode_cache=_Compiled(Path(loader.searchpath[0]), (*sentences.names, *assets)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        optimized=False,  # Python folds constants, too
        cache_size=-1,  # all stay in a plain dictionary, which is quicker than one that forgets
    )
    language = sentences.language
    constants: dict[str, object] = {
        "t": sentences,
        "asset": lambda name: assets[name].address,
        "language": language,
        "root": language.root,
        "answer_start": ANSWER_START,
        "answer_end": ANSWER_END,
        "demo_place": DEMO_PLACE,
        "recent_place": RECENT_PLACE,
        "no_key": NO_KEY,
        "presets_place": PRESETS_PLACE,
    }
    environment.globals |= constants
    environment.constants = frozenset(constants)
    return environment
