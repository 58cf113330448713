"""Compiled templates and catalogs are kept beside their sources, as Python keeps its own bytecode."""

import sys
from shutil import copy, copytree, rmtree

import pytest
from jinja2 import Environment

from harness.servers import ROOT
from kindlechat.rendering.ui import languages
from kindlechat.rendering.ui import templates as module
from kindlechat.rendering.ui.assets import Asset
from kindlechat.rendering.ui.languages import load_sentences
from kindlechat.rendering.ui.templates import Templates

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
