"""Compiled templates and catalogs are kept beside their sources, as Python keeps its own bytecode."""

import sys
from shutil import copy, copytree, rmtree

import pytest
from jinja2 import Environment

from harness.servers import ROOT
from kindlechat.rendering.ui import cldr, languages
from kindlechat.rendering.ui import templates as module
from kindlechat.rendering.ui.assets import Asset
from kindlechat.rendering.ui.languages import load_sentences
from kindlechat.rendering.ui.templates import Templates
from kindlechat.site.cache import Cache
from kindlechat.site.catalogs import load_catalogs

PAGE = "demo.html"


@pytest.fixture
def source(tmp_path):
    return copytree(
        ROOT / "site/templates", tmp_path / "templates", ignore=lambda *_: ["__pycache__"]
    )


@pytest.fixture
def load(source, monkeypatch):
    """Load the templates as a new process would, and return the page that one of them makes."""
    sentences = load_sentences(ROOT / "site/translations")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)

    def one():
        monkeypatch.setattr(module, "_CODES", {})
        pages = Templates(source, sentences, {}, demo=True).localized()
        return pages.render(PAGE)

    return one


@pytest.fixture
def compiled(monkeypatch):
    """How often a template was compiled."""
    times, compile_ = [], Environment.compile

    def counted(*given, **more):
        times.append(given)
        return compile_(*given, **more)

    monkeypatch.setattr(Environment, "compile", counted)
    return times


def test_another_process_compiles_nothing(load, compiled):
    page = load()
    assert len(compiled) == 1
    assert load() == page
    assert len(compiled) == 1


def test_a_changed_template_is_compiled_again(load, compiled, source):
    page = load()
    file = source / PAGE
    file.write_text(file.read_text() + "<p>More</p>")
    assert load().endswith("<p>More</p>")
    assert page not in ("", load())
    assert len(compiled) == 2


def test_a_template_whose_words_are_others_is_compiled_again(source, monkeypatch, compiled):
    sentences = load_sentences(ROOT / "site/translations")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (source / PAGE).write_text('{{ asset("old.css") }}')
    for assets in ({"old.css": Asset("/assets/old.1.css", b"")}, {}):
        monkeypatch.setattr(module, "_CODES", {})
        page = Templates(source, sentences, assets, demo=True).localized()
        page.compile(PAGE)
    assert len(compiled) == 2
    with pytest.raises(KeyError, match=r"old\.css"):
        page.render(PAGE)


@pytest.mark.parametrize("left", [b"", b"not bytecode"])
def test_a_broken_file_does_not_matter(load, source, left):
    page = load()
    for file in (source / "__pycache__").iterdir():
        file.write_bytes(left)
    assert load() == page


def test_a_folder_that_cannot_be_made_does_not_matter(load, compiled, source):
    (source / "__pycache__").write_text("in the way")
    assert load() == load()
    assert len(compiled) == 2


def test_the_compiled_ones_are_no_templates(load, source):
    load()
    pages = Templates(source, load_sentences(ROOT / "site/translations"), {}).localized()
    assert all(name.endswith(".html") for name in pages.templates)


def test_what_other_languages_make_of_compiled_templates_is_in_memory(source, compiled):
    templates = Templates(source, load_sentences(ROOT / "site/translations"), {}, demo=True)
    templates.compile_all()
    count = len(compiled)
    rmtree(source)
    pages = templates.localized("ru")
    for name in templates.localized().templates:
        pages.compile(name)
    assert pages.render(PAGE)
    assert len(compiled) == count


@pytest.fixture
def translations(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = tmp_path / "translations"
    folder.mkdir()
    for name in ("messages.pot", "ru.po", "de.po"):
        copy(ROOT / "site/translations" / name, folder)
    return folder


@pytest.fixture
def parsed(monkeypatch):
    """The languages whose catalogs were parsed."""
    codes, parse = [], languages.parse_catalog

    def noted(data, code=None):
        codes.extend([code] if code else [])
        return parse(data, code)

    monkeypatch.setattr(languages, "parse_catalog", noted)
    return codes


def test_a_server_parses_nothing_after_a_build(translations, parsed, monkeypatch):
    load_catalogs(translations.parent, Cache(""))
    monkeypatch.delattr(languages, "parse_source")
    assert told(translations)
    assert parsed == []


@pytest.fixture
def looked_up(tmp_path, monkeypatch):
    """The languages that were looked up in Babel's data, by processes that keep what they find."""
    codes, look_up = [], cldr._look_up

    def noted(code):
        codes.append(code)
        return look_up(code)

    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(cldr, "HERE", tmp_path)
    monkeypatch.setattr(cldr, "_look_up", noted)
    return codes


def test_another_process_looks_no_language_up(looked_up):
    facts = [cldr.facts_of.__wrapped__(code) for code in ("ar", "pt-BR", "ar", "pt-BR")]
    assert facts[:2] == facts[2:]
    assert facts[0][1:3] == ("Arabic", "rtl")
    assert looked_up == ["ar", "pt-BR"]


def test_facts_of_another_babel_are_looked_up_again(looked_up, monkeypatch):
    cldr.facts_of.__wrapped__("ar")
    monkeypatch.setattr(cldr.babel, "__version__", "1")
    cldr.facts_of.__wrapped__("ar")
    assert looked_up == ["ar", "ar"]


def test_no_code_is_another_file(looked_up, tmp_path):
    for code in ("../ar", "", "ar/x", "a" * 36):
        with pytest.raises(ValueError, match="the code of a language"):
            cldr.facts_of.__wrapped__(code)
    assert looked_up == []
    with pytest.raises(ValueError, match="the code of a language"):
        cldr.facts_of.__wrapped__("xx-Nobody")
    assert list(tmp_path.iterdir()) == []


def told(folder):
    return load_sentences(folder)["ru"]("ui.new_question")


def test_another_process_parses_only_the_catalog_that_has_changed(translations, parsed):
    assert told(translations) == told(translations) != ""
    assert sorted(parsed) == ["de", "ru"]
    file = translations / "ru.po"
    file.write_text(file.read_text().replace(told(translations), "Совсем другое"))
    parsed.clear()
    assert told(translations) == told(translations) == "Совсем другое"
    assert parsed == ["ru"]


def test_another_process_parses_the_english_only_where_it_has_changed(translations, monkeypatch):
    parsed, parse = [], languages.parse_source
    monkeypatch.setattr(languages, "parse_source", lambda data: parsed.append(data) or parse(data))
    english = [load_sentences(translations)["en"]("ui.new_question") for _ in range(2)]
    file = translations / "messages.pot"
    file.write_text(file.read_text().replace(f'"{english[0]}"', '"Something else"'))
    english.append(load_sentences(translations)["en"]("ui.new_question"))
    assert english[0] == english[1] != english[2] == "Something else"
    assert len(parsed) == 2


@pytest.mark.parametrize("left", [b"", b"no catalog" * 20])
def test_a_broken_catalog_does_not_matter(translations, left):
    said = told(translations)
    for file in (translations / "__pycache__").iterdir():
        file.write_bytes(left)
    assert told(translations) == said


def test_applications_share_templates_until_a_source_changes(tmp_path):
    source = tmp_path / "site"
    for folder in ("templates", "translations", "assets"):
        copytree(ROOT / "site" / folder, source / folder, ignore=lambda *_: ["__pycache__"])
    first = Templates.load(source, demo=True)
    assert Templates.load(source, demo=True) is first
    assert Templates.load(source, demo=False) is not first
    for file in ("templates/demo.html", "translations/ru.po", "assets/style.css"):
        first = Templates.load(source, demo=True)
        (source / file).write_text((source / file).read_text() + "\n")
        assert Templates.load(source, demo=True) is not first, file
