"""Words that are the same on every page of a language are put into its templates once."""

from types import SimpleNamespace

import pytest
from jinja2 import DictLoader, Environment, UndefinedError
from markupsafe import Markup

from kindlechat.rendering.ui.constants import ConstantsEnvironment

SENTENCES = {"ask": "Ask & <wait>"}


@pytest.fixture
def asked():
    """The sentences that were looked up."""
    return []


def environment_of(asked=(), **templates):
    def sentence(name):
        asked.append(name)
        return SENTENCES[name]

    environment = ConstantsEnvironment(
        loader=DictLoader(templates), autoescape=True, auto_reload=False
    )
    constants = {"t": sentence, "root": "/ru", "language": SimpleNamespace(code="ru")}
    environment.globals |= constants
    environment.constants = frozenset(constants)
    return environment


def test_constants_are_looked_up_when_a_template_is_loaded_and_never_again(asked):
    text = '<a href="{{ root }}/" lang="{{ language.code }}">{{ t("ask") }}</a>, {{ name }}'
    page = environment_of(asked, page=text).get_template("page")
    before = len(asked)
    for name in ("A", "B"):
        said = page.render(name=name)
        assert said == f'<a href="/ru/" lang="ru">Ask &amp; &lt;wait&gt;</a>, {name}'
    assert len(asked) == before


class Text(str):
    pass


class Html:
    def __html__(self):
        return "<i>"


@pytest.mark.parametrize(
    "value",
    ["", "a", '<a href="b">&amp;\'é\U0001f600', Markup("<b>"), Html(), 1, None, ["<"], Text("<")],
)
def test_a_value_is_printed_as_jinja_prints_it(value):
    text = "{% macro m(x) %}{{ x }}{% endmacro %}{{ x }}{{ m(x) }}{% set y %}{{ x }}{% endset %}{{ y }}"
    said = environment_of(page=text).get_template("page").render(x=value)
    assert said == Environment(autoescape=True).from_string(text).render(x=value)
    assert type(said) is str


def test_they_are_found_in_blocks_loops_and_macros(asked):
    base = "{% block a %}{% endblock %}{{ root }}"
    text = (
        '{% extends "base" %}{% macro m(x) %}{{ x }}{{ t("ask") }}{% endmacro %}'
        "{% block a %}{% for x in range(2) %}{{ language.code }}{{ m(x) }}{% endfor %}{% endblock %}"
    )
    page = environment_of(asked, base=base, page=text).get_template("page")
    before = len(asked)
    assert page.render() == "ru0Ask &amp; &lt;wait&gt;ru1Ask &amp; &lt;wait&gt;/ru"
    assert len(asked) == before


def test_a_name_of_the_template_s_own_is_no_constant():
    text = (
        "{% for language in others %}{{ language.code }}{% endfor %}"
        '{% macro m(t) %}{{ t("x") }}{% endmacro %}{{ m(shout) }}{% set root = "/de" %}{{ root }}'
    )
    page = environment_of(page=text).get_template("page")
    others = [SimpleNamespace(code="fr"), SimpleNamespace(code="nl")]
    assert page.render(others=others, shout=str.upper) == "frnlX/de"


def test_what_cannot_be_looked_up_raises_when_the_page_is_made(asked):
    page = environment_of(asked, page='{% if broken %}{{ t("none") }}{% endif %}{{ language.x.y }}')
    template = page.get_template("page")
    with pytest.raises(KeyError, match="none"):
        template.render(broken=True)
    with pytest.raises(UndefinedError):
        template.render()
