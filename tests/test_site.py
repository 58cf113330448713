"""The generator: what it makes of its sources, what it leaves alone, and how it tells a mistake."""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kindlechat.site import BuildError, build

ROOT = Path(__file__).parents[1]
SITE = ROOT / "site"

EXPECTED = {
    "index.html": 'data-mode="auto"',
    "stream/index.html": 'data-mode="stream"',
    "poll/index.html": 'data-mode="poll"',
    "plain/index.html": 'type="radio"',
    "answers/index.html": 'id="selftest"',
    "how/index.html": "<h2>",
    "404.html": "<h1>",
    "500.html": "<h1>",
    "assets/style.css": "font-family",
    "assets/reader.js": "XMLHttpRequest",
    "assets/selftest.js": "localStorage",
}


@pytest.fixture
def source(tmp_path):
    """A site of one page and one asset."""
    files = {
        "templates/page.html": '<title>{{ title }}</title>\n{{ body }}<a href="/">{{ t("ui.home") }}</a>\n',
        "translations/en.yaml": "ui.home: Home\n",
        "content/en/index.md": "---\ntitle: First\npath: /\n---\nWords.\n",
        "assets/style.css": "p{}",
    }
    for path, text in files.items():
        file = tmp_path / "site" / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
    return tmp_path / "site"


@pytest.fixture
def target(tmp_path):
    return tmp_path / "public"


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def add_page(source, name, text):
    (source / "content/en" / name).write_text(text)


# The real site


def test_the_site_has_its_pages(target):
    result = build(SITE, target, demo=False)
    assert set(tree(target)) == set(EXPECTED) == set(result.written)
    for path, mark in EXPECTED.items():
        assert mark in (target / path).read_text()


def test_the_site_is_built_from_nothing_in_less_than_a_second(target):
    began = time.process_time()
    build(SITE, target, demo=False)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("demo", [True, False])
def test_every_page_says_when_it_is_a_demonstration(target, demo):
    build(SITE, target, demo=demo)
    for page in target.rglob("*.html"):
        assert ('id="demo"' in page.read_text()) is demo


# Building


def test_a_page_is_made_of_front_matter_template_and_markdown(source, target):
    add_page(source, "index.md", "---\ntitle: A & B\npath: /\n---\n*Words*, <b>\n")
    build(source, target, demo=False)
    assert (target / "index.html").read_text() == (
        '<title>A &amp; B</title>\n<p><em>Words</em>, &lt;b&gt;</p>\n<a href="/">Home</a>'
    )


def test_a_second_build_writes_nothing(source, target):
    build(source, target, demo=False)
    before = {path: path.stat().st_mtime_ns for path in target.rglob("*")}
    result = build(source, target, demo=False)
    assert (result.written, result.removed) == ((), ())
    assert result.unchanged == ("assets/style.css", "index.html")
    assert {path: path.stat().st_mtime_ns for path in target.rglob("*")} == before


def test_only_what_changed_is_written(source, target):
    build(source, target, demo=False)
    (source / "assets/style.css").write_text("b{}")
    result = build(source, target, demo=False)
    assert (result.written, result.unchanged) == (("assets/style.css",), ("index.html",))
    assert (target / "assets/style.css").read_text() == "b{}"


def test_what_is_stale_is_removed_with_its_folder(source, target):
    add_page(source, "old.md", "---\ntitle: Old\npath: /old/\n---\n")
    build(source, target, demo=False)
    (source / "content/en/old.md").unlink()
    assert build(source, target, demo=False).removed == ("old/index.html",)
    assert not (target / "old").exists()
    assert (target / "index.html").exists()


def test_nothing_is_left_beside_the_files(source, target):
    build(source, target, demo=False)
    assert set(tree(target)) == {"index.html", "assets/style.css"}


def test_what_is_written_can_be_read_by_another_user(source, target):
    build(source, target, demo=False)
    assert (target / "index.html").stat().st_mode & 0o777 == 0o644


def test_another_language_has_a_folder_of_its_own(source, target):
    (source / "translations/ru.yaml").write_text("ui.home: Домой\n")
    (source / "content/ru").mkdir()
    (source / "content/ru/index.md").write_text("---\ntitle: Первая\npath: /\n---\n")
    build(source, target, demo=False)
    assert "Домой" in (target / "ru/index.html").read_text()
    assert "Home" in (target / "index.html").read_text()


# Mistakes


def page(head, body="Words.\n"):
    return {"content/en/other.md": f"---\n{head}---\n{body}"}


MISTAKES = {
    "front matter that does not begin": (
        {"content/en/other.md": "title: Other\n"},
        "content/en/other.md:1: expected front matter between two lines of ---",
    ),
    "front matter that does not end": (
        {"content/en/other.md": "---\ntitle: Other\n"},
        "content/en/other.md:1: expected front matter between two lines of ---",
    ),
    "front matter that is not YAML": (
        page("title: Other\npath: [/\n"),
        r"content/en/other.md:3: front matter: expected .+",
    ),
    "front matter with a control character": (
        page("title: \x07\npath: /other/\n"),
        "content/en/other.md:1: front matter: a character that YAML does not allow",
    ),
    "front matter that is a list": (
        page("- title\n"),
        "content/en/other.md:1: front matter: expected lines of 'name: value'",
    ),
    "a field that is not text": (
        page("path: /other/\ntitle: 404\n"),
        "content/en/other.md:3: front matter: expected title to be text",
    ),
    "an unknown field": (
        page("title: Other\npath: /other/\ntempalte: page.html\n"),
        "content/en/other.md:4: front matter: unknown field tempalte",
    ),
    "no title": (page("path: /other/\n"), "content/en/other.md:1: front matter: no title"),
    "no path": (page("title: Other\n"), "content/en/other.md:1: front matter: no path"),
    "a path that leaves the site": (
        page("title: Other\npath: /../other/\n"),
        "content/en/other.md:3: front matter: expected a path .+",
    ),
    "two pages with one path": (
        page("title: Other\npath: /\n"),
        "content/en/other.md:3: / is the path of content/en/index.md too",
    ),
    "an unknown template": (
        page("title: Other\npath: /other/\ntemplate: none.html\n"),
        "content/en/other.md:4: no template none.html",
    ),
    "a link of the text that leads nowhere": (
        page("title: Other\npath: /other/\n", "Words.\n\n[a](/nowhere/)\n"),
        "content/en/other.md:7: /nowhere/ leads nowhere",
    ),
    "a link of a template that leads nowhere": (
        {"templates/page.html": '{{ body }}\n<a href="/nowhere/">'},
        "templates/page.html:2: /nowhere/ leads nowhere",
    ),
    "an undefined variable": (
        {"templates/page.html": "\n\n{{ titel }}"},
        r"templates/page.html:3: 'titel' is undefined \(for content/en/index.md\)",
    ),
    "an unknown sentence": (
        {"templates/page.html": '\n{{ t("ui.nothing") }}'},
        r"templates/page.html:2: no sentence 'ui.nothing' \(for content/en/index.md\)",
    ),
    "a template's syntax": (
        {"templates/unused.html": "\n{% if %}"},
        "templates/unused.html:2: Expected an expression, .+",
    ),
    "a template that extends nothing": (
        {"templates/page.html": '\n{% extends "none.html" %}'},
        r"templates/page.html:2: no template none.html \(for content/en/index.md\)",
    ),
    "a translation that is not YAML": (
        {"translations/en.yaml": 'ui.home: Home\nb: "\n'},
        r"translations/en.yaml:\d: .+",
    ),
    "a translation that is not text": (
        {"translations/en.yaml": "ui.home: yes\n"},
        "translations:1: en.yaml: expected lines of 'key: sentence', all of them text",
    ),
}


@pytest.mark.parametrize(("files", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_line_and_leaves_the_old_site(source, target, files, message):
    build(source, target, demo=False)
    before = tree(target)
    (source / "assets/style.css").write_text("changed{}")
    for path, text in files.items():
        (source / path).write_text(text)
    with pytest.raises(BuildError) as caught:
        build(source, target, demo=False)
    assert re.fullmatch(message, str(caught.value))
    assert tree(target) == before


def test_a_page_in_no_known_encoding_is_told(source, target):
    (source / "content/en/index.md").write_bytes(b"---\ntitle: \xff\n---\n")
    with pytest.raises(BuildError, match=r"^content/en/index.md:1: expected UTF-8$"):
        build(source, target, demo=False)


def test_a_language_without_translations_is_told(source, target):
    shutil.copytree(source / "content/en", source / "content/ru")
    with pytest.raises(BuildError, match=r"^content/ru/index.md:1: no translations/ru.yaml$"):
        build(source, target, demo=False)


@pytest.mark.parametrize(
    "link", ["/", "/#top", "/?a", "/ask", "/c/abc", "/api/replies/1", "https://a.example/b"]
)
def test_links_to_pages_routes_and_other_sites_are_fine(source, target, link):
    add_page(source, "index.md", f"---\ntitle: A\npath: /\n---\n[a]({link})\n")
    build(source, target, demo=False)


def test_a_folder_that_holds_something_else_is_not_touched(source, target):
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    with pytest.raises(BuildError, match="expected an empty folder or a site built before"):
        build(source, target, demo=False)
    assert tree(target) == {"thesis.txt": b"years of work"}


def test_the_sources_are_never_the_target(source):
    before = tree(source)
    for target in (source, source.parent):
        with pytest.raises(BuildError, match="the target holds the sources"):
            build(source, target, demo=False)
    assert tree(source) == before


# The command


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, ROOT / "build_site.py", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=30,
    )


def test_the_command_says_what_it_did(source, target):
    ran = run("--source", source, "--target", target)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"{target}: 2 written, 0 unchanged, 0 removed\n"


def test_the_command_reads_from_the_environment_whether_it_is_a_demonstration(target):
    run("--target", target)
    assert 'id="demo"' in (target / "index.html").read_text()
    run("--target", target, GEMINI_API_KEY="key")
    assert 'id="demo"' not in (target / "index.html").read_text()


def test_the_command_ends_with_1_for_a_mistake(source, target):
    (source / "content/en/index.md").write_text("Words.")
    ran = run("--source", source, "--target", target)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("content/en/index.md:1: ")
    assert ran.stderr.count("\n") == 1


def test_the_command_ends_with_78_for_a_wrong_setting(source, target):
    ran = run("--source", source, "--target", target, PORT="many")
    assert (ran.returncode, ran.stdout) == (78, "")
    assert ran.stderr.startswith("PORT: ")
    assert ran.stderr.count("\n") == 1
    assert not target.exists()
