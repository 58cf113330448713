"""A reader's shelf as machines read it: an OPDS catalogue of books, and an Atom feed of answers (pure).

OPDS Catalog 1.2, whose simplest form is one acquisition feed, and Atom (RFC 4287).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from kindlechat.export.formats import FORMATS
from kindlechat.export.xhtml import direction_of, escaped_text

OPDS = "application/atom+xml;profile=opds-catalog;kind=acquisition"
ATOM = "application/atom+xml"
"""The media types of the two feeds, and of links to them."""

ACQUISITION = "http://opds-spec.org/acquisition"
"""What a link to a book's file is."""


@dataclass(frozen=True)
class Volume:
    """A book on the shelf, with whole addresses.

    `files` are those of its files, by their endings; `summary` is the beginning of its text. `answer` is all
    of it as XHTML, for the feed of answers. `written` has a time zone.
    """

    identifier: UUID
    title: str
    language: str
    written: datetime
    summary: str
    files: Mapping[str, str]
    page: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Shelf:
    """A page of a reader's shelf: `address` is its own, `first` that of the first page, and `beside` those
    of the pages that are `next` and `previous`, where there are such."""

    identifier: UUID
    title: str
    program: str
    language: str
    updated: datetime
    address: str
    first: str
    beside: Mapping[str, str] = field(default_factory=dict)


def opds_feed(shelf: Shelf, volumes: Iterable[Volume]) -> str:
    """The page as an OPDS catalogue; the volumes come newest first."""
    return _feed(shelf, OPDS, "".join(_publication(shelf, volume) for volume in volumes))


def answers_feed(shelf: Shelf, volumes: Iterable[Volume]) -> str:
    """The page as a feed of answers, for feed readers; the volumes come newest first."""
    return _feed(shelf, ATOM, "".join(_news(shelf, volume) for volume in volumes))


def _feed(shelf: Shelf, kind: str, entries: str) -> str:
    ways = {"self": shelf.address, "start": shelf.first, **shelf.beside}
    links = "".join(_link(way, kind, address) for way, address in ways.items())
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/terms/" xml:lang="{shelf.language}">
<id>{shelf.identifier.urn}</id>
<title>{escaped_text(shelf.title)}</title>
<updated>{_time(shelf.updated)}</updated>
<author><name>{escaped_text(shelf.program)}</name></author>
{links}{entries}</feed>
"""


def _publication(shelf: Shelf, volume: Volume) -> str:
    links = "".join(
        _link(ACQUISITION, FORMATS[ending].mimetype, address)
        for ending, address in volume.files.items()
    )
    about = (
        f"<dc:language>{volume.language}</dc:language>\n"
        f"<dc:issued>{volume.written:%Y-%m-%d}</dc:issued>\n"
        f'<summary type="text">{escaped_text(volume.summary)}</summary>\n'
    )
    return _entry(shelf, volume, about + links)


def _news(shelf: Shelf, volume: Volume) -> str:
    content = (
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml" lang="{volume.language}"'
        f' dir="{direction_of(volume.title)}">\n{volume.answer}\n</div></content>\n'
    )
    return _entry(shelf, volume, _link("alternate", "text/html", volume.page) + content)


def _entry(shelf: Shelf, volume: Volume, more: str) -> str:
    return (
        f"<entry>\n<id>{volume.identifier.urn}</id>\n<title>{escaped_text(volume.title)}</title>\n"
        f"<updated>{_time(volume.written)}</updated>\n"
        f"<author><name>{escaped_text(shelf.program)}</name></author>\n{more}</entry>\n"
    )


def _link(way: str, kind: str, address: str) -> str:
    return f'<link rel="{way}" type="{kind}" href="{escaped_text(address)}"/>\n'


def _time(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
