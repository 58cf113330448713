"""A reader's shelf: its catalogue keeps the rules of OPDS 1.2, and real parsers read both feeds."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import feedparser

from kindlechat.export.shelf import ACQUISITION, ATOM, Shelf, Volume, answers_feed, opds_feed
from tests.cases import cases
from tests.export.books import saved_answer
from tests.export.opds import A, links, mistakes_of_opds

HOSTILE = "</title><script>alert(1)</script>&\x00\ufffe\"'"
ADDRESS = "https://a.example/opds/secret"


def volume(number, title="Why?", **about):
    values = {
        "identifier": UUID(int=number),
        "title": title,
        "language": "en",
        "written": datetime(2026, 11, 26, 12, 30, tzinfo=UTC) - timedelta(hours=number),
        "summary": "Because & so on.",
        "files": {
            "epub": f"{ADDRESS}/{number}.epub?a=1&b=2",
            "mobi": f"{ADDRESS}/{number}.mobi",
        },
        "page": f"https://a.example/c/{number}",
        "answer": saved_answer("# A & b\n\nText<br>more\n\n| a |\n|---|\n| 1 |", "epub"),
    }
    return Volume(**values | about)


def shelf(**about):
    values = {
        "identifier": UUID(int=99),
        "title": "My answers",
        "program": "Kindlechat",
        "language": "en",
        "updated": datetime(2026, 11, 26, 14, 30, tzinfo=timezone(timedelta(hours=1))),
        "address": ADDRESS,
        "first": ADDRESS,
    }
    return Shelf(**values | about)


VOLUMES = [volume(1), volume(2, HOSTILE, summary=HOSTILE), volume(3, "لماذا؟", language="ar")]


@cases("volumes", [[], VOLUMES], ids=["empty", "three"])
def test_the_catalogue_keeps_the_rules_of_opds(volumes):
    assert mistakes_of_opds(ET.fromstring(opds_feed(shelf(title=HOSTILE), volumes).encode())) == []


def test_a_catalogue_that_breaks_the_rules_is_found_out():
    feed = opds_feed(shelf(), [volume(1, files={}), volume(1)]).replace('rel="start"', 'rel="x"')
    assert mistakes_of_opds(ET.fromstring(feed.encode())) == [
        *("2.1: start", "5: no acquisition link", "5.1.1: ids")
    ]


@cases("feed", [opds_feed, answers_feed])
def test_a_real_parser_finds_every_title_in_its_order(feed):
    parsed = feedparser.parse(feed(shelf(), VOLUMES).encode())
    assert not parsed.bozo
    assert parsed.version == "atom10"
    assert parsed.feed.id == UUID(int=99).urn
    assert parsed.feed.updated == "2026-11-26T13:30:00Z"
    assert [entry.id for entry in parsed.entries] == [each.identifier.urn for each in VOLUMES]
    assert parsed.entries[0].title == "Why?"
    assert "alert(1)" in parsed.entries[1].title
    times = [entry.updated for entry in parsed.entries]
    assert times == sorted(times, reverse=True)


def test_a_book_can_be_had_in_each_format():
    (entry,) = feedparser.parse(opds_feed(shelf(), [volume(1)]).encode()).entries
    assert [(link.rel, link.type, link.href) for link in entry.links] == [
        (ACQUISITION, "application/epub+zip", f"{ADDRESS}/1.epub?a=1&b=2"),
        (ACQUISITION, "application/x-mobipocket-ebook", f"{ADDRESS}/1.mobi"),
    ]
    assert entry.summary == "Because & so on."


def test_pages_of_a_long_shelf_lead_to_each_other():
    beside = {"next": f"{ADDRESS}?page=3", "previous": ADDRESS}
    feed = ET.fromstring(opds_feed(shelf(address=f"{ADDRESS}?page=2", beside=beside), []).encode())
    assert {link["rel"]: link["href"] for link in links(feed)} == {
        "self": f"{ADDRESS}?page=2",
        "start": ADDRESS,
        **beside,
    }


def test_the_feed_of_answers_holds_them_in_full():
    data = answers_feed(shelf(), VOLUMES).encode()
    entry = feedparser.parse(data).entries[0]
    assert entry.link == "https://a.example/c/1"
    assert "<td>1</td>" in entry.content[0].value
    feed = ET.fromstring(data)
    assert {link["type"] for link in links(feed)} == {ATOM}
    (content, *_) = feed.iter(f"{A}content")
    assert content.get("type") == "xhtml"
    assert [child.tag for child in content] == ["{http://www.w3.org/1999/xhtml}div"]


def test_text_that_runs_leftwards_says_so():
    assert 'lang="ar" dir="rtl"' in answers_feed(shelf(), [VOLUMES[2]])
