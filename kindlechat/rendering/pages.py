"""Templates and translations, loaded once, and the pages made from them."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

ENGLISH = "en"
"""The language that is complete: where another lacks a sentence, the English one stands in."""


class Pages:
    """The pages of a site, static and dynamic ones of the same family.

    `source` is the folder with `templates/` and `translations/`; `demo` makes every page say that
    no model is asked. Templates see `t(key, **values)`, `lang` and `demo` beside the values given.
    """

    def __init__(self, source: Path, *, demo: bool) -> None:
        self._demo = demo
        self._sentences = _load_translations(source / "translations")
        self._templates = Environment(
            loader=FileSystemLoader(source / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages that have translations, English first."""
        return tuple(self._sentences)

    @property
    def templates(self) -> tuple[str, ...]:
        """The names of all templates."""
        return tuple(self._templates.list_templates())

    def compile(self) -> None:
        """Compile every template now. Raises jinja2.TemplateSyntaxError."""
        for name in self.templates:
            self._templates.get_template(name)

    def render(self, template: str, lang: str = ENGLISH, **values: object) -> str:
        """The page that `template` makes of `values`.

        Raises jinja2.UndefinedError where the template wants a value that was not given, and
        KeyError for a sentence or language that does not exist.
        """
        page = self._templates.get_template(template)
        return page.render(
            t=partial(self._sentence, self._sentences[lang]), lang=lang, demo=self._demo, **values
        )

    def sentence(self, key: str, lang: str = ENGLISH, /, **values: object) -> str:
        """The sentence `key`, with `{names}` replaced by `values`. KeyError when there is none."""
        return self._sentence(self._sentences[lang], key, **values)

    @staticmethod
    def _sentence(sentences: Mapping[str, str], key: str, /, **values: object) -> str:
        return sentences[key].format_map(values)


def _load_translations(folder: Path) -> Mapping[str, Mapping[str, str]]:
    english = _load_sentences(folder / f"{ENGLISH}.yaml")
    others = sorted(path for path in folder.glob("*.yaml") if path.stem != ENGLISH)
    return {ENGLISH: english} | {path.stem: {**english, **_load_sentences(path)} for path in others}


def _load_sentences(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        sentences = yaml.safe_load(file)
    if not isinstance(sentences, dict) or not all(
        isinstance(part, str) for pair in sentences.items() for part in pair
    ):
        raise ValueError(f"{path.name}: expected lines of 'key: sentence', all of them text")
    return sentences
