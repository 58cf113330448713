"""Books as Markdown: the answers as the model wrote them (pure)."""

import re
from collections.abc import Iterable, Iterator

from kindlechat.export.book import Book, Chapter

MARKS = re.compile(r"[\\`*\[\]<&|$~]|(?<!\w)_|_(?!\w)|^(?:[#>+=-]|\d+(?=[.)]))", re.MULTILINE)
"""What is a mark in Markdown, or may become one."""

FENCE = re.compile(r"[ >]*(`{3,}(?=[^`]*$)|~{3,})[ \t]*(\S?)")


def write_markdown(book: Book, chapters: Iterable[Chapter]) -> Iterator[bytes]:
    """The book as Markdown in UTF-8, chapter by chapter; each question is a heading."""
    parts = [f"*{literal(book.preface)}*"] if book.preface else []
    for chapter in chapters:
        answer = chapter.answer.strip("\n")
        parts += [f"# {literal(chapter.title)}", _quoted(chapter.asked), answer + fence_end(answer)]
        note = f"*{literal(chapter.note)}*" if chapter.note else ""
        yield "\n\n".join(filter(None, (*parts, note))).encode() + b"\n"
        parts = ["\n---"]


def literal(text: str) -> str:
    """A text whose marks are no Markdown, so that it is shown as it was written."""
    return MARKS.sub(_literal, text)


def _literal(match: re.Match[str]) -> str:
    mark = match[0]
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def _quoted(question: str) -> str:
    return "  \n".join(f"> {line.strip()}" for line in literal(question).splitlines())


def fence_end(text: str) -> str:
    """The end of a block of code that the text leaves open: else it would swallow what follows."""
    opened = ""
    for line in text.splitlines():
        match = FENCE.match(line)
        if match is None:
            continue
        if not opened:
            opened = match[1]
        elif match[1].startswith(opened) and not match[2]:
            opened = ""
    return f"\n{opened}" if opened else ""
