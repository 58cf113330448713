"""Compiled templates are kept beside their sources, as Python keeps its own bytecode."""

import sys
from shutil import copytree

import pytest
from jinja2 import Environment

from harness.servers import ROOT
from kindlechat.rendering.ui import templates as module
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
