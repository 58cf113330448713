"""Finds the links between the pages of a site, and checks them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import filterfalse
from sys import intern
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from kindlechat.site.addresses import ROUTE, is_below_a_root
from kindlechat.site.cache import Record

REFRESH = re.compile(r";\s*url=(.+)", re.IGNORECASE)
ADDRESSES = ("href", "src", "action")


class Broken(NamedTuple):
    """A link in the file `path` that leads nowhere. `link` is as written there."""

    path: str
    link: str
    what: str


def read_links(html: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses that a page refers to, each once, and its anchors, both in order.

    Most addresses are on every page: they are interned, so that all records together have each once.
    """
    links: dict[str, None] = {}
    ids: list[str] = []
    root = LexborHTMLParser(html).root
    # To look at each element takes less time than to select some: a selector is compiled for each page.
    for node in root.traverse() if root else ():
        attributes = node.attributes
        if not attributes:  # most have none
            continue
        for name in ADDRESSES:
            if name in attributes:
                links[intern(attributes[name] or "")] = None
        if "id" in attributes:
            ids.append(attributes["id"] or "")
        if "http-equiv" in attributes:
            refresh = REFRESH.search(attributes.get("content") or "")
            if refresh:
                links[refresh[1]] = None
    return tuple(links), tuple(ids)


def broken_links(
    records: Mapping[str, Record],
    site: Mapping[str, Record],
    roots: tuple[str, ...],
    base_url: str,
) -> Iterator[Broken]:
    """Every link in some files that leads to no file of the site, no anchor and no route of the server.

    `roots` are the beginnings of the languages' addresses. Links to other sites are not checked. An
    anchor that a page has twice is a mistake too, because a link reaches only one of them.
    """
    files = _Files(site, roots, base_url)
    sound = files.addresses()
    """Links that lead somewhere from any page. Nearly all do."""
    for path, record in records.items():
        if len(set(record.ids)) < len(record.ids):
            twice = next(id for id, count in Counter(record.ids).items() if count > 1)
            yield Broken(path, "", f"the page has two places {twice}")
        for link in filterfalse(sound.__contains__, record.links):
            # What is asked of a page, such as /settings?back=/help/, leads nowhere else.
            place = link if "#" in link else link.partition("?")[0]
            if place in sound:
                continue
            what = files.trouble(link, path)
            if what:
                yield Broken(path, link, what)
            elif link.startswith("/"):
                sound.add(place)


class _Files:
    """The files of a site by their addresses."""

    def __init__(
        self, records: Mapping[str, Record], roots: tuple[str, ...], base_url: str
    ) -> None:
        self._files = {"/" + path: record for path, record in records.items()}
        self._files |= {
            path.removesuffix("index.html"): record
            for path, record in self._files.items()
            if path.endswith("/index.html")
        }
        self._roots = roots
        self._base_url = base_url

    def addresses(self) -> set[str]:
        """The address of each file."""
        return {*self._files}

    def trouble(self, link: str, path: str) -> str:
        """What is wrong with a link in the file `path`, or "" where it leads somewhere."""
        own = _own(link, self._base_url)
        if own in self._files:
            return ""
        try:
            return self._look(own, link, path)
        except ValueError:  # a host such as [x
            return f"{link} is no address"

    def _look(self, own: str, link: str, path: str) -> str:
        if not own.startswith("/"):
            own = urljoin(f"/{path.removesuffix('index.html')}", own)
        parts = urlsplit(own)
        if parts.scheme or parts.netloc:
            return ""
        address = unquote(parts.path)
        file = self._files.get(address)
        if file is None:
            is_route = is_below_a_root(address, ROUTE, self._roots)
            return "" if is_route else f"{link or 'an empty link'} leads nowhere"
        if parts.fragment and unquote(parts.fragment) not in file.ids:
            return f"{link}: the page has no place {parts.fragment}"
        return ""


def _own(link: str, base_url: str) -> str:
    """The address within the site of a link that begins with the site's own address."""
    if base_url and (link == base_url or link.startswith(f"{base_url}/")):
        return link[len(base_url) :] or "/"
    return link


def external_links(records: Mapping[str, Record], base_url: str) -> dict[str, list[str]]:
    """The addresses of other sites, with the files that refer to them."""
    found: dict[str, list[str]] = {}
    for path, record in sorted(records.items()):
        for link in record.links:
            if urlsplit(_own(link, base_url)).scheme in ("http", "https"):
                found.setdefault(link, []).append(path)
    return dict(sorted(found.items()))
