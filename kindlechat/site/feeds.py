"""Writes what machines read: the Atom feed of a blog, the sitemap, robots.txt. Pure: values in, text out."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import urljoin, urlsplit

from markupsafe import escape

ENTRIES = 20
"""A feed holds so many of the newest posts in full."""

ADDRESS = re.compile(r'(<(?:a|img)\b[^>]* (?:href|src)=")([^"]*)')

NAMESPACE = "kindlechat"
"""The namespace of entries' ids. An id stays the same when a post moves to another address."""

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True)
class Entry:
    """A post in a feed. `key` names it for ever; `url` is its whole address."""

    key: str
    url: str
    title: str
    summary: str
    html: str
    day: date
    updated: date
    tags: tuple[str, ...]


@dataclass(frozen=True)
class SitemapEntry:
    """A page in the sitemap, with whole addresses. `alternates` are pairs of language and address."""

    url: str
    day: date | None
    alternates: tuple[tuple[str, str], ...]


def atom_feed(
    title: str, url: str, feed_url: str, lang: str, entries: Sequence[Entry], site: str
) -> str:
    """An Atom feed (RFC 4287) of at least one entry, newest first.

    `url` is the blog's address, `site` the site's.
    """
    from feedgenerator import Atom1Feed  # loading it takes a while, and feeds seldom change

    feed = Atom1Feed(
        title=title,
        link=url,
        description="",
        language=lang,
        feed_url=feed_url,
        feed_guid=_id(url, f"feed {lang}"),
        author_name=title,
    )
    for at, entry in enumerate(entries):
        # Feed readers sort by time, so the posts of one day are a minute apart to keep their order.
        same_day = sum(later.day == entry.day for later in entries[at + 1 :])
        published = datetime.combine(entry.day, time(minute=same_day), UTC)
        changed = datetime.combine(entry.updated, time(), UTC)
        feed.add_item(
            title=entry.title,
            link=entry.url,
            description=str(escape(entry.summary)),
            content=_absolute(entry.html, entry.url, site),
            pubdate=published,
            updateddate=max(published, changed),
            unique_id=_id(url, entry.key),
            categories=entry.tags,
        )
    out = io.StringIO()
    feed.write(out, "utf-8")
    return out.getvalue()


def _id(url: str, key: str) -> str:
    """An id that is unique to this site, because the host of its blog's address is a part of it."""
    from uuid import NAMESPACE_URL, uuid5

    return uuid5(uuid5(NAMESPACE_URL, NAMESPACE), f"{urlsplit(url).netloc} {key}").urn


def _absolute(html: str, url: str, site: str) -> str:
    """The HTML with whole addresses. `url` is the address of its page, `site` that of the site, which may lie
    below a path."""

    def whole(address: str) -> str:
        is_ours = address.startswith("/") and not address.startswith("//")
        return site + address if is_ours else urljoin(url, address)

    return ADDRESS.sub(lambda match: match[1] + whole(match[2]), html)


def sitemap(entries: Iterable[SitemapEntry]) -> str:
    """The sitemap (sitemaps.org), with each page's translations."""
    import xml.etree.ElementTree as ET  # loading it takes a while, and the pages seldom are others

    ET.register_namespace("", SITEMAP)
    ET.register_namespace("xhtml", XHTML)
    root = ET.Element(f"{{{SITEMAP}}}urlset")
    for entry in entries:
        url = ET.SubElement(root, f"{{{SITEMAP}}}url")
        ET.SubElement(url, f"{{{SITEMAP}}}loc").text = entry.url
        if entry.day:
            ET.SubElement(url, f"{{{SITEMAP}}}lastmod").text = entry.day.isoformat()
        for lang, address in entry.alternates:
            link = {"rel": "alternate", "hreflang": lang, "href": address}
            ET.SubElement(url, f"{{{XHTML}}}link", link)
    ET.indent(root, "")
    return ET.tostring(root, "unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="utf-8"?>\n', "\n")
    )


def robots(base_url: str) -> str:
    """robots.txt, with the sitemap where the site's address is known.

    It does not exclude conversations: their pages say noindex, which robots must be able to read.
    """
    sitemap = f"\nSitemap: {base_url}/sitemap.xml\n" if base_url else ""
    return f"User-agent: *\nDisallow: /api/\n{sitemap}"
