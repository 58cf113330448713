"""Turns our own Markdown into HTML, from the events of pulldown-cmark (a parser in Rust, by pyromark).

What an author may not write is a mistake with its line: raw HTML, a first-level heading, a picture
without words for those who do not see it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pyromark
from markupsafe import escape

from kindlechat.site.addresses import slug_of
from kindlechat.site.article import Article, Heading, OwnLink
from kindlechat.site.mistakes import Mistake
from kindlechat.site.pictures import Picture
from kindlechat.site.proofreading import link_mistakes, undefined_references, unsound_mistakes

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

TAGS = {
    "Paragraph": "p",
    "Item": "li",
    "Emphasis": "em",
    "Strong": "strong",
    "Strikethrough": "del",
    "TableRow": "tr",
}
BLOCKS = frozenset({"p", "li", "tr"})

TEMPLATE_IDS = frozenset(
    "actions answer ask contents controls demo earlier examples intro label message notice question"
    " recent selftest send status tasks thorough turning use-phone verdict".split()
)
"""Anchors of the templates. A heading with such a name gets another anchor."""

ALIGNED = {"None": ""} | {side: f' align="{side.lower()}"' for side in ("Left", "Center", "Right")}
"""The attributes of a column's alignment. Without one a column begins where the language's lines do."""

ADDRESS_SIGNS = "/:?#@!$&'()*+,;=%.~-_"
"""What an address may hold as it is, besides letters and digits."""

WORD = re.compile(r"\w\S*")

CHARACTER = re.compile(r"[\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Chinese and Japanese have no blanks between words. People read some 400 characters a minute."""


def render(
    text: str, picture: Callable[[str], Picture], *, file: str = "", first_line: int = 1
) -> Article:
    """Render a text. `picture` finds the picture at an address such as /images/desk.png.

    `picture` raises ValueError where there is none.
    """
    writer = _Writer(text, picture, file, first_line)
    writer.write()
    writer.write_notes()
    return Article(
        html="".join(writer.out),
        headings=tuple(writer.headings),
        opening=writer.opening,
        words=writer.words,
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
        self._words = self._characters = 0
        self._source = text.encode()
        self._find_picture = picture
        self._file = file
        self._first_line = first_line
        self._ids = set(TEMPLATE_IDS)
        self._notes: dict[str, tuple[int, list[Placed]]] = {}
        self._referred: list[str] = []
        self._level = 1
        self._in_head = False
        self._columns: tuple[str, ...] = ()
        self._cells = 0
        self._at = self._end_at = 0
        self._events: Iterator[Placed] = iter(())

    @property
    def words(self) -> int:
        return self._words + self._characters // 2

    def write(self) -> None:
        """Write the text, and put its footnotes aside."""
        self._write(PARSER.events_with_range(self._source.decode(), merge_text=True))

    def _write(self, events: Iterable[Placed]) -> None:
        self._events = iter(events)
        for event, place in self._events:
            self._go_to(place)
            self._take(event)

    def _go_to(self, place: Any) -> None:
        self._at, self._end_at = place["start"], place["end"]

    def _take(self, event: Any) -> None:
        match event:
            case {"Text": text}:
                self._count(text)
                self._tell(unsound_mistakes(text))
                self._check_references()
                self.out.append(str(escape(text)))
            case {"TaskListMarker": done}:
                self.out.append("[x] " if done else "[ ] ")
            case {"Start": str(kind)}:
                self._start(kind)
            case {"End": str(kind)}:
                self._end(kind)
            case {"Start": start}:
                ((kind, what),) = start.items()
                self._start_of(kind, what)
            case {"End": end}:
                ((kind, what),) = end.items()
                self._end_of(kind, what)
            case {"Code": code}:
                self.out.append(f'<code dir="ltr">{escape(code)}</code>')
            case {"FootnoteReference": label}:
                self._refer(label)
            case "SoftBreak":
                self.out.append("\n")
            case "HardBreak":
                self.out.append("<br>\n")
            case "Rule":
                self.out.append("<hr>\n")
            case {"Html": _} | {"InlineHtml": _}:
                self._mistake("no HTML here, please: write Markdown")

    def _start(self, kind: str) -> None:
        match kind:
            case "TableHead":
                self._in_head = True
                self._cells = 0
                self.out.append("<thead>\n<tr>")
            case "TableRow":
                self._cells = 0
                self.out.append("<tr>")
            case "TableCell":
                aligned = ALIGNED[self._columns[self._cells]]
                self._cells += 1
                self.out.append(f"<{'th' if self._in_head else 'td'}{aligned}>")
            case "HtmlBlock":
                pass
            case "Paragraph" if not self.opening:
                self.out.append("<p>")
                self.opening = self._until("Paragraph").strip()
                self.out.append("</p>\n")
            case _:
                self.out.append(f"<{TAGS[kind]}>")

    def _end(self, kind: str) -> None:
        match kind:
            case "TableHead":
                self._in_head = False
                self.out.append("</tr>\n</thead>\n<tbody>\n")
            case "TableCell":
                self.out.append("</th>" if self._in_head else "</td>")
            case "Table":
                self.out.append("</tbody>\n</table>\n")
            case "Link":
                self.out.append("</a>")
            case "HtmlBlock":
                pass
            case _:
                tag = TAGS[kind]
                self.out.append(f"</{tag}>\n" if tag in BLOCKS else f"</{tag}>")

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
                self._columns = what
                self.out.append("<table>\n")
            case "CodeBlock":
                self._code(None if what == "Indented" else what["Fenced"])
            case "Link":
                self._link(what)
            case "Image":
                self._image(what["dest_url"], what["title"])
            case "FootnoteDefinition":
                self._note(what)

    def _end_of(self, kind: str, what: Any) -> None:
        match kind:
            case "List":
                self.out.append("</ol>\n" if what else "</ul>\n")
            case "BlockQuote":
                self.out.append("</blockquote>\n")

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
        text = []
        for event, place in self._events:
            self._go_to(place)
            match event:
                case {"End": end} if end == kind or (isinstance(end, dict) and kind in end):
                    break
                case {"Start": {"Image": what}}:
                    text.append(self._image(what["dest_url"], what["title"]))
                    continue
                case {"Text": part} | {"Code": part}:
                    text.append(part)
                case "SoftBreak" | "HardBreak":
                    text.append(" ")
            self._take(event)
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

    def _count(self, text: str) -> None:
        rest, characters = (text, 0) if text.isascii() else CHARACTER.subn(" ", text)
        self._words += len(WORD.findall(rest))
        self._characters += characters

    def _lines_of_code(self) -> Iterator[str]:
        for event, place in self._events:
            self._go_to(place)
            match event:
                case {"Text": text}:
                    self._count(text)
                    self._tell(unsound_mistakes(text))
                    yield text
                case _:
                    return

    def _link(self, what: Any) -> None:
        address = what["dest_url"]
        if what["link_type"] == "Email":
            address = f"mailto:{address}"
        self._tell(link_mistakes(address, what["title"]))
        if address.startswith("/"):
            self.links.append(OwnLink(address, self._line(self._at)))
        self.out.append(f'<a href="{escape(quote(address, ADDRESS_SIGNS))}">')

    def _image(self, source: str, caption: str) -> str:
        """Write a picture with its words, and return them. A title becomes the caption; a larger version
        is linked."""
        at = self._at
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
        self.out.append(picture.html(alt))
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
                    self._at = place["start"]
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
        html = "".join(self.out[before:])
        back = f'<p><a href="#ref_{number}">{number}</a>.'
        # A list or a block of code has no line for the number.
        html = f"{back} {html[3:]}" if html.startswith("<p>") else f"{back}</p>\n{html}"
        self.out[before:] = [f'<div id="note_{number}">\n{html}</div>\n']

    def _check_references(self) -> None:
        for what, at in undefined_references(self._source, self._at, self._end_at):
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
