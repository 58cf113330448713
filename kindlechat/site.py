"""The static site: sources in, a folder of finished files out, written only where they changed.

`plan` makes every file in memory and finds every mistake; `build` then touches the disk. A mistake
therefore leaves the site of the last build as it was.
"""

import os
import re
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError
from markdown_it import MarkdownIt
from markupsafe import Markup

from kindlechat.rendering import Pages
from kindlechat.rendering.pages import ENGLISH

DYNAMIC_ROUTES = re.compile(r"/(ask|passcode|settings|healthz|c/.+|api/.+)")
"""Addresses that the server answers, so that a page may link to them."""

LINK = re.compile(r'\b(?:href|src|action)="(/[^"#?]*)')

FENCE = "---\n"

KNOWN_FIELDS = {"title", "template", "path", "description", "mode"}


class BuildError(Exception):
    """A mistake in the sources; the text is `file:line: what`."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file}:{line}: {what}")


@dataclass(frozen=True)
class BuildResult:
    """What a build did, as sorted paths below the target."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """One source of content. `file` is where it lies below the sources, for messages."""

    file: str
    lang: str
    fields: Mapping[str, str]
    lines: tuple[str, ...]
    body: str

    @property
    def url(self) -> str:
        """Where the page will be; languages other than English have a folder of their own."""
        return self.fields["path"] if self.lang == ENGLISH else f"/{self.lang}{self.fields['path']}"

    @property
    def output(self) -> str:
        """The file that holds the page: a URL that ends in a slash is a folder's index."""
        return self.url.lstrip("/") + ("index.html" if self.url.endswith("/") else "")

    def line_of(self, text: str) -> int:
        """The number of the first line that holds `text`, or 1."""
        return _line_of(text, self.lines) or 1


def build(source: Path, target: Path, *, demo: bool) -> BuildResult:
    """Make `target` hold the site of `source` and nothing else.

    Raises BuildError, before anything is written, for a mistake in the sources or a target that
    holds something other than a built site.
    """
    files = plan(source, demo=demo)
    _check_target(source, target, files)
    changed = {path: data for path, data in files.items() if _read(target / path) != data}
    for path, data in changed.items():
        _write(target / path, data)
    stale = [path for path in _files_below(target) if path not in files]
    for path in stale:
        _remove(target, path)
    return BuildResult(
        written=tuple(sorted(changed)),
        unchanged=tuple(sorted(files.keys() - changed.keys())),
        removed=tuple(sorted(stale)),
    )


def plan(source: Path, *, demo: bool) -> dict[str, bytes]:
    """Every file of the site, path below the target to content. Raises BuildError."""
    pages = _load_pages(source, demo)
    contents = [_parse(path, source) for path in sorted((source / "content").glob("*/*.md"))]
    _check_paths(contents)
    files = {page.output: _render(page, pages, source).encode() for page in contents}
    for path in _files_below(source / "assets"):
        data = (source / "assets" / path).read_bytes()
        files[f"assets/{path}"] = slim(data) if path.endswith((".js", ".css")) else data
    _check_links(contents, files, source)
    return files


def slim(asset: bytes) -> bytes:
    """A script or style sheet without its comments, indentation and blank lines.

    Comments are what stands between `/* ` and ` */`; our assets hold no such text in a string.
    """
    asset = re.sub(rb"[ \t]*/\* .*? \*/", b"", asset, flags=re.DOTALL)
    return re.sub(rb"(?m)^[ \t]+|^\n", b"", asset)


# Reading the sources


def _load_pages(source: Path, demo: bool) -> Pages:
    try:
        pages = Pages(source, demo=demo)
        pages.compile()
    except TemplateSyntaxError as error:
        raise _template_mistake(error, source) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        file = f"translations/{Path(mark.name).name}" if mark else "translations"
        raise BuildError(file, mark.line + 1 if mark else 1, str(error.problem)) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BuildError("translations", 1, str(error)) from error
    return pages


def _parse(path: Path, source: Path) -> Page:
    file = path.relative_to(source).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BuildError(file, 1, "expected UTF-8") from error
    if not text.startswith(FENCE) or f"\n{FENCE}" not in text[3:]:
        raise BuildError(file, 1, "expected front matter between two lines of ---")
    head, body = text[len(FENCE) :].split(f"\n{FENCE}", 1)
    lines = tuple(text.splitlines())
    return Page(file, path.parent.name, _parse_fields(head, file, lines), lines, body)


def _parse_fields(head: str, file: str, lines: tuple[str, ...]) -> dict[str, str]:
    try:
        fields = yaml.safe_load(head)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise BuildError(file, line, f"front matter: {error.problem}") from error
    except yaml.YAMLError as error:
        raise BuildError(file, 1, "front matter: a character that YAML does not allow") from error
    if not isinstance(fields, dict):
        raise BuildError(file, 1, "front matter: expected lines of 'name: value'")
    for name, value in fields.items():
        line = _line_of(f"{name}:", lines) or 1
        if name not in KNOWN_FIELDS:
            raise BuildError(file, line, f"front matter: unknown field {name}")
        if not isinstance(value, str) or not value:
            raise BuildError(file, line, f"front matter: expected {name} to be text")
    for name in ("title", "path"):
        if name not in fields:
            raise BuildError(file, 1, f"front matter: no {name}")
    if not re.fullmatch(r"/([a-z0-9-]+/)*([a-z0-9-]+\.html)?", fields["path"]):
        line = _line_of("path:", lines) or 1
        raise BuildError(file, line, "front matter: expected a path such as /, /how/ or /404.html")
    return fields


def _check_paths(contents: list[Page]) -> None:
    seen: dict[str, Page] = {}
    for page in contents:
        other = seen.setdefault(page.url, page)
        if other is not page:
            line = page.line_of("path:")
            raise BuildError(page.file, line, f"{page.url} is the path of {other.file} too")


# Making the pages


def _render(page: Page, pages: Pages, source: Path) -> str:
    values = {**page.fields, "path": page.url}
    template = values.pop("template", "page.html")
    if template not in pages.templates:
        raise BuildError(page.file, page.line_of("template:"), f"no template {template}")
    if page.lang not in pages.languages:
        raise BuildError(page.file, 1, f"no translations/{page.lang}.yaml")
    # Our own words, so nothing is sanitised; raw HTML is off all the same.
    body = Markup(MarkdownIt("commonmark", {"html": False}).enable("table").render(page.body))  # noqa: S704
    try:
        return pages.render(template, page.lang, body=body, **values)
    except (TemplateError, KeyError) as error:
        raise _template_mistake(error, source, page) from error


def _template_mistake(error: Exception, source: Path, page: Page | None = None) -> BuildError:
    """Where in the templates `error` arose; Jinja2's tracebacks carry the templates' own lines."""
    wanted_by = f" (for {page.file})" if page else ""
    what = f"no sentence {error}" if isinstance(error, KeyError) else str(error)
    if isinstance(error, TemplateNotFound):
        what = f"no template {error.name}"
    if isinstance(error, TemplateSyntaxError):
        return BuildError(f"templates/{error.name}", error.lineno, what)
    templates = (source / "templates").resolve()
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        place = Path(frame.filename).resolve()
        if place.is_relative_to(templates):
            file = place.relative_to(source.resolve()).as_posix()
            return BuildError(file, frame.lineno or 1, f"{what}{wanted_by}")
    return BuildError(page.file if page else "templates", 1, what)


def _check_links(contents: list[Page], files: Mapping[str, bytes], source: Path) -> None:
    """Every link of every page leads to a file of the site or a route of the server's."""
    for page in contents:
        for link in LINK.findall(files[page.output].decode()):
            file = link.lstrip("/") + ("index.html" if link.endswith("/") else "")
            if file not in files and not DYNAMIC_ROUTES.fullmatch(link):
                raise BuildError(*_place_of_link(link, page, source), f"{link} leads nowhere")


def _place_of_link(link: str, page: Page, source: Path) -> tuple[str, int]:
    if f"]({link}" in page.body:
        return page.file, page.line_of(f"]({link}")
    for path in sorted((source / "templates").iterdir()):
        line = _line_of(f'"{link}', path.read_text(encoding="utf-8").splitlines())
        if line:
            return path.relative_to(source).as_posix(), line
    return page.file, 1


def _line_of(text: str, lines: tuple[str, ...] | list[str]) -> int | None:
    return next((number for number, line in enumerate(lines, 1) if text in line), None)


# Touching the disk


def _check_target(source: Path, target: Path, files: Mapping[str, bytes]) -> None:
    """What a build does not produce it removes: a wrong target must not cost anyone a folder."""
    if source.resolve().is_relative_to(target.resolve()):
        raise BuildError(str(target), 1, "the target holds the sources")
    present = set(_files_below(target))
    if present and not present & files.keys():
        raise BuildError(str(target), 1, "expected an empty folder or a site built before")


def _files_below(folder: Path) -> Iterator[str]:
    return (
        path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()
    )


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _write(path: Path, data: bytes) -> None:
    """Replace a file at once: a reader sees the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    Path(beside).chmod(0o644)
    Path(beside).replace(path)


def _remove(target: Path, path: str) -> None:
    """Remove a file, and the folders that it leaves empty."""
    (target / path).unlink()
    for folder in (target / path).parents:
        if folder == target or any(folder.iterdir()):
            return
        folder.rmdir()
