"""What every page of a site is made of: the sentences, the assets, and the templates, which another core
compiles."""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from jinja2 import TemplateNotFound, TemplateSyntaxError

from kindlechat.rendering.ui.assets import load_assets
from kindlechat.rendering.ui.sources import find_sources
from kindlechat.rendering.ui.templates import Templates
from kindlechat.site.cache import Cache, digest
from kindlechat.site.catalogs import load_catalogs
from kindlechat.site.cores import begun
from kindlechat.site.folders import ASSETS, TEMPLATES, TRANSLATIONS
from kindlechat.site.mistakes import BuildError, Mistake
from kindlechat.site.page_templates import needed
from kindlechat.site.text import decode

COMPILED = "templates"
TEMPLATES_WORTH_A_FORK = 8


class SiteFurniture:
    """What every page is made of. `digest` stands for all of it."""

    def __init__(self, source: Path, cache: Cache) -> None:
        """Load it. Raises BuildError for catalogs that cannot be read."""
        self._source = source
        self.sentences = load_catalogs(source, cache)
        self.languages = {code: words.language for code, words in self.sentences.items()}
        self.assets = load_assets(source / ASSETS)
        self.templates = {
            path.relative_to(source / TEMPLATES).as_posix(): path
            for path in find_sources(source / TEMPLATES, "**/*")
        }
        self._pages = Templates(source / TEMPLATES, self.sentences, self.assets)
        self.digest = self._digest()

    def _digest(self) -> str:
        files = [*self.templates.values(), *find_sources(self._source / TRANSLATIONS)]
        addresses = [asset.address for asset in self.assets.values()]
        said = repr(addresses)
        named = [
            part
            for file in files
            for part in (str(file.relative_to(self._source)).encode(), file.read_bytes())
        ]
        return digest(said.encode(), *named)

    def compile(self, templates: Sequence[tuple[str, Path]]) -> list[Mistake]:
        """Compile some templates. They are kept on disk, where the other processes find them."""
        mistakes: list[Mistake] = []
        for name, path in templates:
            try:
                decode(path.read_bytes(), f"{TEMPLATES}/{name}")
                self._pages.localized().compile(name)
            except TemplateSyntaxError as error:
                mistakes.append(_template_mistake(error, self._source))
            except BuildError as error:
                mistakes += error.mistakes
        return mistakes

    def render(self, template: str, lang: str, values: Mapping[str, object], page: str) -> bytes:
        """The page that a template makes of some values. Raises BuildError, which names its source `page`."""
        try:
            return self._pages.localized(lang).render(template, **values).encode()
        except BuildError:
            raise
        except Exception as error:  # a template can raise anything, for example by 1/0
            raise BuildError(_template_mistake(error, self._source, page)) from error


@contextmanager
def furniture_begun(
    source: Path, cache: Cache, *, server: bool
) -> Iterator[tuple[SiteFurniture, Callable[[], list[Mistake]]]]:
    """Load what every page is made of, while the other cores begin to compile the templates: those that make
    pages, and with `server` the server's, too. Yields it, and what waits for the templates and returns the
    mistakes in them.

    Templates that the last build has compiled need no more. Raises BuildError for catalogs that cannot be
    read.
    """
    furniture = SiteFurniture(source, cache)
    templates = furniture.templates if server else needed(furniture.templates)
    key = digest(furniture.digest.encode(), *(name.encode() for name in templates))
    new = [] if cache.knows(COMPILED, key) else [*templates.items()]
    with begun(furniture.compile, new, TEMPLATES_WORTH_A_FORK) as compiled:
        # Where the other cores have other work, there is nothing to wait for.
        done = None if compiled.is_shared else compiled.results()

        def mistakes() -> list[Mistake]:
            parts = compiled.results() if done is None else done
            found = [mistake for part in parts for mistake in part]
            if not found:
                cache.keep(COMPILED, key, True)
            return found

        yield furniture, mistakes


def _template_mistake(error: Exception, source: Path, page: str = "") -> Mistake:
    """The place of an error in the templates. Jinja2's tracebacks have the templates' own lines."""
    what = f"no sentence or asset {error}" if isinstance(error, KeyError) else str(error)
    if isinstance(error, TemplateNotFound):
        what = f"no template {error.name}"
    if isinstance(error, TemplateSyntaxError):
        return Mistake(f"templates/{error.name}", error.lineno, what)
    templates = (source / "templates").resolve()
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        place = Path(frame.filename).resolve()
        if place.is_relative_to(templates):
            file = place.relative_to(source.resolve()).as_posix()
            return Mistake(file, frame.lineno or 1, what, page)
    return Mistake(page or "templates", 1, what)
