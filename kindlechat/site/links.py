"""Links between the pages of a site: found in their HTML, and checked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from kindlechat.site.addresses import ROUTE, is_below_a_root
from kindlechat.site.cache import Record

REFRESH = re.compile(r";\s*url=(.+)", re.IGNORECASE)
ADDRESSES = ("href", "src", "action")


@dataclass(frozen=True)
class Broken:
    """A link of the file `path` that leads nowhere: `link` as it is written there."""

    path: str
    link: str
    what: str


def read_links(html: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses to which a page refers, and its anchors, each once and in their order."""
    links: dict[str, None] = {}
    ids: dict[str, None] = {}
    for node in LexborHTMLParser(html).css("[href],[src],[action],[id],meta[http-equiv]"):
        attributes = node.attributes
        if attributes.get("id"):
            ids[attributes["id"]] = None  # type: ignore[index]
        for name in ADDRESSES:
            if name in attributes:
                links[attributes[name] or ""] = None
        refresh = REFRESH.search(attributes.get("content") or "") if node.tag == "meta" else None
        if refresh:
            links[refresh[1]] = None
    return tuple(links), tuple(ids)


def broken_links(
    records: Mapping[str, Record], roots: tuple[str, ...], base_url: str
) -> Iterator[Broken]:
    """Every link of the files of a site that leads to no file, no anchor and no route of the server's.

    `roots` are what addresses of languages begin with. Links to other sites are not looked at.
    """
    files = _Files(records, roots, base_url)
    for path, record in records.items():
        for link in record.links:
            what = files.trouble(link, path)
            if what:
                yield Broken(path, link, what)


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

    def trouble(self, link: str, path: str) -> str:
        """What is wrong with a link of the file `path`; "" where it leads somewhere."""
        own = link.removeprefix(self._base_url) if "://" in link else link
        if own in self._files:  # as nearly all are
            return ""
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


def external_links(records: Mapping[str, Record], base_url: str) -> dict[str, list[str]]:
    """The addresses of other sites, with the files that refer to them."""
    found: dict[str, list[str]] = {}
    for path, record in sorted(records.items()):
        for link in record.links:
            if urlsplit(link).scheme in ("http", "https") and not link.startswith(f"{base_url}/"):
                found.setdefault(link, []).append(path)
    return dict(sorted(found.items()))
