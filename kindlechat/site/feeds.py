"""Writes what machines read: the Atom feed of a blog, the sitemap, robots.txt. Pure: values in, text out."""

import html
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from markupsafe import escape

ENTRIES = 20
"""A feed holds so many of the newest posts in full."""

ADDRESS = re.compile(r'(<(?:a|img)\b[^>]* (?:href|src)=")([^"]*)')

NAMESPACE = "kindlechat"
"""The namespace of entries' ids. An id stays the same when a post moves to another address."""

XML = '<?xml version="1.0" encoding="utf-8"?>\n'
ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"


class Entry(NamedTuple):
    """A post in a feed. `key` names it for ever; `url` is its whole address."""

    key: str
    url: str
    title: str
    summary: str
    html: str
    day: date
    updated: date
    tags: tuple[str, ...]


class SitemapEntry(NamedTuple):
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
    times = _times(entries)
    written = "".join(_entry(*each, url, site) for each in zip(entries, times, strict=True))
    return (
        f'{XML}<feed xml:lang="{lang}" xmlns="{ATOM}"><title>{_text(title)}</title>'
        f'<link href="{escape(url)}" rel="alternate"/><link href="{escape(feed_url)}" rel="self"/>'
        f"<id>{_id(url, f'feed {lang}')}</id>"
        f"<updated>{max(updated for _, updated in times).isoformat()}</updated>"
        f"<author><name>{_text(title)}</name></author>{written}</feed>"
    )


def _entry(entry: Entry, times: tuple[datetime, datetime], blog: str, site: str) -> str:
    published, updated = times
    content = _absolute(entry.html, entry.url, site)
    tags = "".join(f'<category term="{escape(tag)}"/>' for tag in entry.tags)
    return (
        f"<entry><title>{_text(entry.title)}</title>"
        f'<link href="{escape(entry.url)}" rel="alternate"/>'
        f"<published>{published.isoformat()}</published><updated>{updated.isoformat()}</updated>"
        f'<id>{_id(blog, entry.key)}</id><summary type="html">{_text(escape(entry.summary))}</summary>'
        f'<content type="html">{_text(content)}</content>{tags}</entry>'
    )


def _text(text: str) -> str:
    """A text in XML; HTML, too, is a text there."""
    return html.escape(str(text), quote=False)


def _times(entries: Sequence[Entry]) -> list[tuple[datetime, datetime]]:
    """When each entry was published, and when it was updated."""
    times = []
    for at, entry in enumerate(entries):
        # Feed readers sort by time, so the posts of one day are a minute apart to keep their order.
        same_day = sum(later.day == entry.day for later in entries[at + 1 :])
        published = datetime.combine(entry.day, time(minute=same_day), UTC)
        changed = datetime.combine(entry.updated, time(), UTC)
        times.append((published, max(published, changed)))
    return times


def _id(url: str, key: str) -> str:
    """An id that is unique to this site, because the host of its blog's address is a part of it."""
    from uuid import NAMESPACE_URL, uuid5

    return uuid5(uuid5(NAMESPACE_URL, NAMESPACE), f"{urlsplit(url).netloc} {key}").urn


def _absolute(text: str, url: str, site: str) -> str:
    """The HTML with whole addresses. `url` is the address of its page, `site` that of the site, which may lie
    below a path."""

    def whole(address: str) -> str:
        is_ours = address.startswith("/") and not address.startswith("//")
        return site + address if is_ours else urljoin(url, address)

    return ADDRESS.sub(lambda match: match[1] + whole(match[2]), text)


def sitemap(entries: Iterable[SitemapEntry]) -> str:
    """The sitemap (sitemaps.org), with each page's translations."""
    urls = "".join(map(_place, entries))
    prefix = f' xmlns:xhtml="{XHTML}"' if "<xhtml:" in urls else ""
    return f'{XML}<urlset xmlns="{SITEMAP}"{prefix}>\n{urls}</urlset>\n'


def _place(entry: SitemapEntry) -> str:
    day = f"<lastmod>{entry.day}</lastmod>\n" if entry.day else ""
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{lang}" href="{escape(address)}" />\n'
        for lang, address in entry.alternates
    )
    return f"<url>\n<loc>{_text(entry.url)}</loc>\n{day}{links}</url>\n"


def robots(base_url: str) -> str:
    """robots.txt, with the sitemap where the site's address is known.

    It does not exclude conversations: their pages say noindex, which robots must be able to read.
    """
    sitemap = f"\nSitemap: {base_url}/sitemap.xml\n" if base_url else ""
    return f"User-agent: *\nDisallow: /api/\n{sitemap}"
