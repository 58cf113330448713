"""A small site to build: one page, one post, two languages, one picture, one asset."""

import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from kindlechat.site.options import Options

ROOT = Path(__file__).parents[2]
SITE = ROOT / "site"

OPTIONS = Options(base_url="https://kindlechat.example", today=date(2026, 11, 23), server=True)

POT = """
msgctxt "ui.home"
msgid "Home"
msgstr ""

msgctxt "ui.name"
msgid "Small site"
msgstr ""

msgctxt "ui.blog"
msgid "Blog"
msgstr ""

msgctxt "blog.archive"
msgid "All posts"
msgstr ""

msgctxt "blog.tags"
msgid "Subjects"
msgstr ""

msgctxt "blog.tagged"
msgid "Posts about {tag}"
msgstr ""

msgctxt "blog.posts"
msgid "{n} post"
msgid_plural "{n} posts"
msgstr[0] ""
msgstr[1] ""
"""

HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=%d; plural=%s;\\n"
"""
RUSSIAN_PLURAL = "n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2"


def catalog(plurals: int = 3, rule: str = RUSSIAN_PLURAL, **changed: tuple[str, str] | None) -> str:
    """A Russian catalog of POT, with some entries changed; None leaves one out."""
    said = {
        "ui.home": ("Home", "Домой"),
        "ui.name": ("Small site", "Сайт"),
        "ui.blog": ("Blog", "Блог"),
        "blog.archive": ("All posts", "Все записи"),
        "blog.tags": ("Subjects", "Темы"),
        "blog.tagged": ("Posts about {tag}", "Записи о «{tag}»"),
    }
    for name, entry in changed.items():
        said.pop(name.replace("_", "."), None)
        if entry:
            said[name.replace("_", ".")] = entry
    entries = [
        f'msgctxt "{name}"\nmsgid "{entry[0]}"\nmsgstr "{entry[1]}"\n'
        for name, entry in said.items()
    ]
    forms = "".join(f'msgstr[{n}] "{{n}} форма {n}"\n' for n in range(plurals))
    plural = f'msgctxt "blog.posts"\nmsgid "{{n}} post"\nmsgid_plural "{{n}} posts"\n{forms}'
    return "\n".join([HEADER % (plurals, rule), *entries, plural])


def front(title: str = "Title", summary: str = "Summary.", **more: object) -> str:
    lines = [f"title: {title}", f"summary: {summary}"]
    lines += [f"{name}: {value}" for name, value in more.items()]
    return "---\n" + "\n".join(lines) + "\n---\n"


def png(width: int = 4, height: int = 2, colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


PAGE = """<!DOCTYPE html>
<html lang="{{ language.code }}" dir="{{ language.direction }}">
<title>{{ title }}</title>
<link rel="stylesheet" href="{{ asset("style.css") }}">
{{ body }}<a href="{{ root }}/">{{ t("ui.home") }}</a>
"""
BLOG = """{% for post in part.posts %}<a href="{{ post.address }}">{{ post.title }}</a>
{% endfor %}{{ part.number }} of {{ part.total }}, then {{ part.older }}
"""
TAGS = """{% for subject in subjects %}{{ subject.name }}: {{ t("blog.posts", n=subject.count) }}
{% endfor %}"""
LIST = '<title>{{ title }}</title><a href="{{ address }}">{{ title }}</a>\n'

FILES = {
    "templates/page.html": PAGE,
    "templates/post.html": "<h1>{{ title }}</h1>{{ body }}{{ older and older.text }}\n",
    "templates/moved.html": '<a href="{{ to }}">{{ title }}</a>\n',
    "templates/blog.html": BLOG,
    "templates/archive.html": LIST,
    "templates/year.html": LIST,
    "templates/tags.html": TAGS,
    "translations/messages.pot": POT,
    "translations/ru.po": catalog(),
    "content/en/index.md": front("First") + "Words.\n",
    "content/ru/index.md": front("Первая") + "Слова.\n",
    "content/en/blog/hello.md": front("Hello", date="2026-11-02", tags="[one, two]") + "Hello.\n",
    "assets/style.css": "p{}",
}


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            file.write_bytes(text)
        else:
            file.write_text(text)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write(tmp_path / "site", FILES)
    return tmp_path / "site"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "public"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
