"""A shelf as programs get it: its catalogue keeps the rules of OPDS, and its files are books."""

import io
import re
import xml.etree.ElementTree as ET
import zipfile

import feedparser
import pytest

from harness.behaviours import answer
from harness.waiting import eventually
from kindlechat.relay import new_id
from kindlechat.stores.contract import KeyKind
from kindlechat.web.me import shelf as shelf_module
from tests.export.opds import ACQUISITION, links, mistakes_of_opds
from tests.readers.browsers import Browser

TYPES = ["application/epub+zip", "application/x-mobipocket-ebook"]


@pytest.fixture
def shelf(reader):
    """The address of the shelf of a reader who has asked three questions in two conversations."""
    address = reader.ask("And <red> & green?")
    reader.ask("And blue?", conversation=address.removeprefix("/c/"))
    return reader.key("shelf")


def parsed(browser, address):
    told = browser.get(address)
    assert told.status_code == 200
    found = feedparser.parse(told.data)
    assert not found.bozo
    return found


def titles(feed):
    return [entry.title for entry in feed.entries]


def test_a_program_finds_the_newest_answers_first_as_books(stranger, shelf):
    told = stranger.get(shelf)
    assert told.headers["Content-Type"] == (
        "application/atom+xml;profile=opds-catalog;kind=acquisition;charset=utf-8"
    )
    feed = ET.fromstring(told.data)
    assert mistakes_of_opds(feed) == []
    found = parsed(stranger, shelf)
    assert titles(found) == ["And blue?", "And <red> & green?", "Why?"]
    assert found.entries[0].summary == "Because of the air."
    for entry in found.entries:
        assert [(link.rel, link.type) for link in entry.links] == [(ACQUISITION, t) for t in TYPES]


def test_its_books_open(stranger, shelf):
    entry = parsed(stranger, shelf).entries[0]
    epub, mobi = (stranger.get(link.href) for link in entry.links)
    assert epub.headers["Content-Disposition"] == 'attachment; filename="and-blue.epub"'
    with zipfile.ZipFile(io.BytesIO(epub.data)) as book:
        held = b"".join(book.read(name) for name in book.namelist())
    assert b"<strong>air</strong>" in held
    assert b"And blue?" in held
    assert b"green" not in held, "one answer alone"
    assert entry.id.removeprefix("urn:").encode() in held, "the book has the id of its entry"
    assert mobi.data[60:68] == b"BOOKMOBI"


def test_a_feed_reader_finds_them_in_full(stranger, shelf):
    told = stranger.get(f"{shelf}/feed")
    assert told.headers["Content-Type"] == "application/atom+xml;charset=utf-8"
    found = parsed(stranger, f"{shelf}/feed")
    assert titles(found)[0] == "And blue?"
    assert "<strong>air</strong>" in found.entries[0].content[0].value
    led = stranger.get(found.entries[0].link, follow_redirects=True)
    assert "Because of the" in led.text
    assert "green" not in led.text, "a shelf shows answers, not conversations"


def test_its_reader_is_led_to_the_pages(reader, shelf):
    entry = parsed(reader, f"{shelf}/feed").entries[0]
    page = reader.page(entry.link)
    assert "And blue?" in page
    assert 'id="again"' in page


def test_no_address_of_a_conversation_is_on_it(app, reader, shelf, stranger):
    secrets = [each.id for each in app.store.list_owned(owner(app, shelf), 9)]
    secrets += [id_ for one in secrets for id_ in [r.id for r in app.store.outline(one).replies]]
    for address in (shelf, f"{shelf}/feed"):
        text = stranger.get(address).text
        for secret in secrets:
            assert secret not in text


def owner(app, shelf):
    keys = app.extensions["kindlechat"].reader_keys
    token = shelf.removeprefix("/opds/")
    return app.store.owner_of_key(KeyKind.SHELF, keys.hash(KeyKind.SHELF, token)).owner_hash


def test_a_program_that_has_it_gets_it_again_only_when_there_is_news(reader, shelf, stranger):
    etag = stranger.get(shelf).headers["ETag"]
    known = {"If-None-Match": etag}
    again = stranger.get(shelf, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    reader.ask("News?")
    assert stranger.get(shelf, headers=known).status_code == 200


def test_a_long_shelf_has_pages(shelf, stranger, monkeypatch):
    monkeypatch.setattr(shelf_module, "ON_A_PAGE", 1)
    monkeypatch.setattr(shelf_module, "MOST_PAGES", 2)
    found, seen = shelf, []
    while found:
        feed = ET.fromstring(stranger.get(found).data)
        seen += titles(parsed(stranger, found))
        ways = {link["rel"]: link["href"] for link in links(feed)}
        assert ways["start"].endswith(shelf)
        found = ways.get("next")
    assert seen == ["And blue?", "And <red> & green?"], "no more than it has pages for"
    assert ways["previous"].endswith(shelf)
    for page in ("0", "3", "-1"):
        assert stranger.get(f"{shelf}?page={page}").status_code == 404


def test_an_empty_shelf_is_a_catalogue_too(app, reader):
    address = reader.key("shelf")
    for each in app.store.list_owned(owner(app, address), 9):
        app.store.discard(each.id)
    told = Browser(app).get(address)
    assert mistakes_of_opds(ET.fromstring(told.data)) == []


def test_unknown_withdrawn_and_foreign_addresses_are_one_and_the_same_404(app, reader, shelf):
    name = parsed(reader, shelf).entries[0].links[0].href.rpartition("/")[2]
    other = Browser(app)
    other.ask("Mine?")
    theirs = other.key("shelf")
    foreign = parsed(other, theirs).entries[0].links[0].href.rpartition("/")[2]
    link = reader.key("link").replace("/me/", "/opds/")
    wrong = [link, f"/opds/{new_id()}", "/opds/x", f"{shelf}/{foreign}", f"{theirs}/{name}"]
    wrong += [f"{shelf}/{new_id()}.epub", f"{shelf}/x.mobi", f"{shelf}/{name}.pdf"]
    reader.press("/me", "/me/keys/shelf/withdraw")
    wrong += [shelf, f"{shelf}/feed", f"{shelf}/{name}"]
    told = [other.get(address) for address in wrong]
    assert {each.status_code for each in told} == {404}
    assert len({each.text for each in told}) == 1
    assert other.get(f"{theirs}/{foreign}").status_code == 200


def test_a_shelf_speaks_the_language_of_its_address(shelf, stranger):
    assert parsed(stranger, f"/de{shelf}").feed.title.startswith("Ihre Antworten")
    entry = parsed(stranger, f"/de{shelf}").entries[0]
    assert "/de/opds/" in entry.links[0].href


def test_an_answer_that_is_asked_again_takes_the_place_of_the_last(reader, upstream, stranger):
    address, shelf = reader.ask("Twice?"), reader.key("shelf")
    before = parsed(stranger, shelf).entries[0]
    upstream.script(answer("Better."))
    reader.press(address, "/again")
    reader.page(address)
    upstream.script(answer("Because of the **air**."))
    after = parsed(stranger, shelf).entries[0]
    assert (before.summary, after.summary) == ("Because of the air.", "Better.")
    assert stranger.get(before.links[0].href).status_code == 404


def test_where_the_site_lies_below_a_path_every_address_that_is_shown_has_it(open_app):
    """Those that are typed into another device, and those that programs follow."""
    reader = Browser(open_app(KINDLECHAT_ROOT="/chat"))
    led = reader.client.post("/chat/ask", data={"message": "Why?"}).headers["Location"]
    eventually(lambda: "http-equiv" not in reader.page(led))
    for kind in ("link", "shelf"):
        reader.press("/chat/me", f"/me/keys/{kind}")
    own = re.findall(r'id="own-\w+" href="([^"]*)">([^<]*)<', reader.page("/chat/me"))
    assert len(own) == 3
    for address, shown in own:
        assert address.startswith("/chat/")
        assert shown == f"http://localhost{address}"
    for address, _ in own[1:]:
        found = re.findall(r'href="([^"]*)"', reader.get(address).text)
        assert len(found) > 2
        for each in found:
            assert each.startswith("http://localhost/chat/opds/")
            assert reader.get(each).status_code in (200, 303)
