"""Turns our own Markdown into HTML, from the events of pulldown-cmark (a parser in Rust, by pyromark).

What an author may not write is a mistake with its line: raw HTML, a first-level heading, a picture
without words for those who do not see it.
"""

import html
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pyromark
from markupsafe import escape

from kindlechat.site.addresses import slug_of
from kindlechat.site.article import Article, Heading, OwnLink
from kindlechat.site.mistakes import Mistake
from kindlechat.site.pictures import Picture
from kindlechat.site.proofreading import (
    is_own,
    is_table_rule,
    link_mistakes,
    lost_cells,
    undefined_references,
    unsound_mistakes,
)
from kindlechat.site.table_width import WIDE_TABLE, is_too_wide, longest_word
from kindlechat.site.tags import ALIGNED, ALONE, ENDS, INLINE_ENDS, LIST_ENDS, ROWS, STARTS
from kindlechat.site.text import made_sound
from kindlechat.site.wide import has_wide, joined, reading_length, runs_on

Options = pyromark.Options
PARSER = pyromark.Markdown(
    options=Options.ENABLE_TABLES
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_HEADING_ATTRIBUTES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
)

Placed = tuple[Any, Any]
"""An event, and its place in the source."""

TEMPLATE_IDS = frozenset(
    "actions answer ask contents controls demo earlier examples intro label message notice question"
    " recent selftest send status tasks thorough turning use-phone verdict".split()
)
"""Anchors of the templates. A heading with such a name gets another anchor."""

ADDRESS_SIGNS = "/:?#@!$&'()*+,;=%.~-_"
"""What an address may hold as it is, besides letters and digits."""


def render(
    text: str, picture: Callable[[str], Picture], *, file: str = "", first_line: int = 1
) -> Article:
    """Render a text. `picture` finds the picture at an address such as /images/desk.png.

    `picture` raises ValueError where there is none.
    """
    writer = _Writer(text, picture, file, first_line)
    writer.write()
    writer.write_notes()
    page, opening = "".join(writer.out), writer.opening
    if writer.has_entities:
        # They are mistakes, but the feed is made all the same, and no feed can hold them.
        page, opening = made_sound(page), made_sound(opening)
    return Article(
        html=page,
        headings=tuple(writer.headings),
        opening=opening,
        length=writer.length,
        links=tuple(writer.links),
        picture=writer.picture,
        mistakes=tuple(dict.fromkeys(writer.mistakes)),
    )


class _Writer:
    """Writes one text's HTML. The events are those of pulldown-cmark, as pyromark tells them."""

    def __init__(
        self, text: str, picture: Callable[[str], Picture], file: str, first_line: int
    ) -> None:
        self.out: list[str] = []
        self.headings: list[Heading] = []
        self.mistakes: list[Mistake] = []
        self.links: list[OwnLink] = []
        self.opening = self.picture = ""
        self._texts: list[str] = []
        self._source = text.encode()
        self.has_entities = "&#" in text
        self._is_wide = has_wide(text)
        self._find_picture = picture
        self._file = file
        self._first_line = first_line
        self._ids = set(TEMPLATE_IDS)
        self._notes: dict[str, tuple[int, list[Placed]]] = {}
        self._referred: list[str] = []
        self._level = 1
        self._in_head = False
        self._columns: tuple[str, ...] = ()
        self._widths: list[int] = []
        self._cells = self._cell_begin = self._cell_end = self._table = 0
        self._in_link = False
        self._place: Any = {"start": 0, "end": 0}
        self._events: Iterator[Placed] = iter(())

    @property
    def _at(self) -> int:
        """The byte of the source where the present event begins."""
        return int(self._place["start"])

    @property
    def length(self) -> int:
        return reading_length(" ".join(self._texts))

    def write(self) -> None:
        """Write the text, and put its footnotes aside."""
        self._write(PARSER.events_with_range(self._source.decode(), merge_text=True))

    def _write(self, events: Iterable[Placed]) -> None:
        self._events = placed = iter(events)
        for event, self._place in placed:
            if type(event) is str:
                self.out.append(ALONE[event])
                continue
            for kind, what in event.items():  # there is one
                TAKERS[kind](self, what)

    def _text(self, text: str) -> None:
        if self._is_wide and self.out[-1:] == ["\n"]:
            before = self.out[-2]
            if runs_on(self._texts[-1] if before in INLINE_ENDS else before, text):
                self.out.pop()
        self._read(text)
        if "[" in text:
            self._check_references()
        if "|" in text and is_table_rule(self._source[self._at : self._place["end"]]):
            self._mistake("no table: the line above it has another number of cells")
        self.out.append(html.escape(text, quote=False))

    def _read(self, text: str) -> None:
        """Take in a text that is shown, in whatever way."""
        self._texts.append(text)
        if self.has_entities:
            self._tell(unsound_mistakes(text))

    def _start(self, what: Any) -> None:
        if not isinstance(what, str):
            ((kind, details),) = what.items()
            self._start_of(kind, details)
        elif what == "Paragraph" and not self.opening:
            self.out.append("<p>")
            opening = self._until("Paragraph").strip()
            self.opening = joined(opening) if self._is_wide else opening
            self.out.append("</p>\n")
        elif what == "TableCell":
            aligned = ALIGNED[self._columns[self._cells]]
            self._cells += 1
            self.out.append(f"<{'th' if self._in_head else 'td'}{aligned}>")
            self._cell_begin = len(self.out)
        else:
            if what in ROWS:
                self._in_head = what == "TableHead"
                self._cells = 0
            self.out.append(STARTS[what])

    def _end(self, what: Any) -> None:
        if not isinstance(what, str):
            ((kind, details),) = what.items()
            self.out.append("</blockquote>\n" if kind == "BlockQuote" else LIST_ENDS[details])
        elif what == "TableCell":
            self._cell_end = self._place["end"]
            longest = longest_word("".join(self.out[self._cell_begin :]))
            self._widths[self._cells - 1] = max(longest, self._widths[self._cells - 1])
            self.out.append("</th>" if self._in_head else "</td>")
        else:
            self._in_link = self._in_link and what != "Link"
            if what in ROWS and lost_cells(self._source[self._cell_end : self._place["end"]]):
                self._mistake("more cells than the head of the table has: they would be lost")
            self.out.append(ENDS[what])
            if what == "Table" and is_too_wide(self._widths):
                self.out[self._table] = WIDE_TABLE

    def _start_of(self, kind: str, what: Any) -> None:
        match kind:
            case "Heading":
                self._heading(what)
            case "List":
                start = "" if what is None or what == 1 else f' start="{what}"'
                self.out.append("<ul>\n" if what is None else f"<ol{start}>\n")
            case "BlockQuote":
                self.out.append("<blockquote>\n")
            case "Table":
                self._columns, self._widths = what, [0] * len(what)
                self._table = len(self.out)
                self.out.append("<table>\n")
            case "CodeBlock":
                self._code(None if what == "Indented" else what["Fenced"])
            case "Link":
                self._link(what)
            case "Image":
                self._image(what["dest_url"], what["title"])
            case "FootnoteDefinition":
                self._note(what)

    def _code_span(self, code: str) -> None:
        self.out.append(f'<code dir="ltr">{html.escape(code, quote=False)}</code>')

    def _done(self, done: bool) -> None:
        self.out.append("[x] " if done else "[ ] ")

    def _raw_html(self, _: str) -> None:
        self._mistake("no HTML here, please: write Markdown")

    def _heading(self, what: Any) -> None:
        level = int(what["level"][1])
        if level == 1:
            self._mistake("a heading of the first level: the title is one, begin with ##")
        elif level > self._level + 1:
            wanted = "#" * (self._level + 1)
            self._mistake(
                f"a heading of level {level} after one of level {self._level}: use {wanted}"
            )
        self._level = level
        before = len(self.out)
        text = self._until("Heading")
        inner = "".join(self.out[before:])
        del self.out[before:]
        name = self._new_id(what["id"] or text)
        self.headings.append(Heading(name, text, level))
        self.out.append(f'<h{level} id="{name}">{inner}</h{level}>\n')

    def _until(self, kind: str) -> str:
        """Write everything up to the end of `kind`. Returns its text without tags."""
        text, placed = [], self._events
        for event, self._place in placed:
            if type(event) is str:
                text.append(" ")
                self.out.append(ALONE[event])
                continue
            ((name, what),) = event.items()
            if name == "End" and (what == kind or (isinstance(what, dict) and kind in what)):
                break
            if name == "Start" and isinstance(what, dict) and "Image" in what:
                text.append(self._image(what["Image"]["dest_url"], what["Image"]["title"]))
                continue
            if name in ("Text", "Code"):
                text.append(what)
            TAKERS[name](self, what)
        return "".join(text)

    def _new_id(self, text: str) -> str:
        try:
            slug = slug_of(text)
        except ValueError:
            slug = "section"
        name = slug
        number = 1
        while name in self._ids:
            number += 1
            name = f"{slug}-{number}"
        self._ids.add(name)
        return name

    def _code(self, language: str | None) -> None:
        """Write a block of code. `language` is what its fence says, or None without a fence."""
        # Loading its lexers takes a while, and few texts hold code.
        from kindlechat.site.code import code_block

        self.out.append(code_block("".join(self._lines_of_code()), language or ""))

    def _lines_of_code(self) -> Iterator[str]:
        placed = self._events
        for event, self._place in placed:
            match event:
                case {"Text": text}:
                    self._read(text)
                    yield text
                case _:
                    return

    def _link(self, what: Any) -> None:
        address = what["dest_url"]
        if what["link_type"] == "Email":
            address = f"mailto:{address}"
        self._tell(link_mistakes(address, what["title"]))
        if is_own(address):
            self.links.append(OwnLink(address, self._line(self._at)))
        self._in_link = True
        self.out.append(f'<a href="{escape(quote(address, ADDRESS_SIGNS))}">')

    def _image(self, source: str, caption: str) -> str:
        """Write a picture with its words, and return them. A title becomes the caption; a larger version
        is linked."""
        at, is_linked = self._at, self._in_link
        before = len(self.out)
        alt = self._until("Image")
        del self.out[before:]
        if not alt.strip():
            self._mistake(
                f"no words for those who do not see {source}: write ![words]({source})", at
            )
        try:
            picture = self._find_picture(source)
        except ValueError as error:
            self._mistake(str(error), at)
            return alt
        self.picture = self.picture or picture.address
        # A link holds no other one, so a picture that leads somewhere does not lead to its larger version.
        self.out.append((picture._replace(large="") if is_linked else picture).html(alt))
        if caption:
            self.out.append(f'<br>\n<span class="quiet">{escape(caption)}</span>')
        return alt

    def _refer(self, label: str) -> None:
        place = ""
        if label not in self._referred:
            self._referred.append(label)
            # No heading's anchor has an underscore.
            place = f' id="ref_{len(self._referred)}"'
        number = self._referred.index(label) + 1
        self.out.append(f'<sup><a{place} href="#note_{number}">{number}</a></sup>')

    def _note(self, label: str) -> None:
        """Put a footnote aside. The notes that are referred to follow the text."""
        if label in self._notes:
            self._mistake(f"the note {label} is there twice")
        at = self._at
        self._notes.setdefault(label, (at, list(self._events_of_note())))

    def _events_of_note(self) -> Iterator[Placed]:
        """The events of a note, without the notes that are defined in a quotation or list of it."""
        for event, place in self._events:
            match event:
                case {"End": "FootnoteDefinition"}:
                    return
                case {"Start": {"FootnoteDefinition": label}}:
                    self._place = place
                    self._note(label)
                case _:
                    yield event, place

    def write_notes(self) -> None:
        """Write the footnotes in the order of their references. Each number leads back."""
        if self._referred:
            self.out.append('<div class="foot">\n')
        for number, label in enumerate(self._referred, 1):  # a note may refer to further notes
            self._write_note(number, self._notes[label][1])
        if self._referred:
            self.out.append("</div>\n")
        for label, (at, _) in self._notes.items():
            if label not in self._referred:
                self._mistake(f"nothing refers to the note {label}", at)

    def _write_note(self, number: int, events: list[Placed]) -> None:
        before = len(self.out)
        self._write(events)
        note = "".join(self.out[before:])
        back = f'<p><a href="#ref_{number}">{number}</a>.'
        # A list or a block of code has no line for the number.
        note = f"{back} {note[3:]}" if note.startswith("<p>") else f"{back}</p>\n{note}"
        self.out[before:] = [f'<div id="note_{number}">\n{note}</div>\n']

    def _check_references(self) -> None:
        for what, at in undefined_references(self._source, self._at, self._place["end"]):
            self._mistake(what, at)

    def _tell(self, mistakes: Iterable[str]) -> None:
        for what in mistakes:
            self._mistake(what)

    def _mistake(self, what: str, at: int | None = None) -> None:
        """Record a mistake at a byte of the source, by default where the present event begins."""
        line = self._line(self._at if at is None else at)
        self.mistakes.append(Mistake(self._file, line, what))

    def _line(self, at: int) -> int:
        return self._first_line + self._source.count(b"\n", 0, at)


TAKERS: dict[str, Callable[[_Writer, Any], None]] = {
    "Text": _Writer._text,
    "Start": _Writer._start,
    "End": _Writer._end,
    "Code": _Writer._code_span,
    "TaskListMarker": _Writer._done,
    "FootnoteReference": _Writer._refer,
    "Html": _Writer._raw_html,
    "InlineHtml": _Writer._raw_html,
}
"""What takes an event of each kind."""
