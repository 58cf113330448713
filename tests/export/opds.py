"""The rules of Atom and of OPDS Catalog 1.2, held against a feed."""

from xml.etree.ElementTree import Element

from kindlechat.export.shelf import ACQUISITION, OPDS

A = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/terms/}"


def links(element: Element) -> list[dict[str, str]]:
    """The attributes of an element's links."""
    return [link.attrib for link in element.findall(f"{A}link")]


def mistakes_of_atom(element: Element) -> list[str]:
    """What RFC 4287 (4.1.1 and 4.1.2) wants of a feed and of an entry, and is not there."""
    needed = [f"{A}{name}" for name in ("id", "title", "updated")]
    return [name for name in needed if len(element.findall(name)) != 1]


def mistakes_of_opds(feed: Element) -> list[str]:
    """The rules of OPDS Catalog 1.2 that a feed breaks, each named by its section."""
    found = mistakes_of_atom(feed)
    ways = [link["rel"] for link in links(feed)]
    found += [f"2.1: {way}" for way in ("start", "self") if ways.count(way) != 1]
    found += [f"2.3: {link}" for link in links(feed) if link["type"] != OPDS]
    for entry in feed.findall(f"{A}entry"):
        found += mistakes_of_atom(entry)
        books = [link for link in links(entry) if link["rel"].startswith(ACQUISITION)]
        found += ["5: no acquisition link"] if not books else []
        found += [f"5.2: {link}" for link in books if "type" not in link or "href" not in link]
        found += [
            f"5.1.1: {name}"
            for name in ("title", "creator")
            if entry.find(f"{DC}{name}") is not None
        ]
        summaries = entry.findall(f"{A}summary")
        found += ["5.1.3"] if [each.get("type") for each in summaries] != ["text"] else []
        found += ["5.1.3: children"] if any(len(each) for each in summaries) else []
    ids = [entry.findtext(f"{A}id") for entry in feed.iter(f"{A}entry")]
    found += ["5.1.1: ids"] if len({*ids}) < len(ids) else []
    return found
