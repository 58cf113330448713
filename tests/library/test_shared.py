"""Links that only let read: what they show, that they can be withdrawn, copies."""

import re

import pytest

from kindlechat.relay import new_id
from tests.apps import ON_BOTH_STORES, has, link
from tests.library.conftest import Browser, forms
from tests.library.test_list import owner


@pytest.fixture
def shared(reader):
    """A conversation of two questions, and the link by which it is shared."""
    address = reader.ask("Why is the sky blue?")
    reader.ask("And the sea?", conversation=address.removeprefix("/c/"))
    page = reader.get(f"{address}/about")
    reader.send(page, f"{address}/title", title="For my mother")
    assert reader.send(page, f"{address}/share") == f"{address}/about"
    return address, link(reader.get(f"{address}/about"), "link")


def test_a_link_shows_the_conversation_and_nothing_of_its_owner(app, reader, stranger, shared):
    address, shared_link = shared
    (owned,) = app.store.list_owned(owner(app, reader), 9)
    ids = [reply.id for reply in app.store.outline(owned.id).replies]
    assert re.fullmatch(r"/s/[\w-]{22}", shared_link)
    views = ("", "?turn=1", "?screen=1&r=3322100000", ".txt", ".html", ".md", "/1.txt")
    for view in views:
        told = stranger.client.get(shared_link + view)
        assert told.status_code == 200, view
        assert told.headers["X-Robots-Tag"] == "noindex"
        assert "Set-Cookie" not in told.headers
        for secret in (owned.id, address, owned.share, *ids, "mother"):
            assert secret not in told.text, (view, secret)
        assert "/c/" not in told.text
    page = stranger.get(shared_link)
    assert "Because of the air." in page
    assert forms(page) == [f"{shared_link}/copy"]
    assert not has(page, "manage")
    assert 'name="robots" content="noindex"' in page
    assert stranger.client.get(f"{shared_link}.epub").data[:2] == b"PK"


def test_only_who_asked_is_told_so(reader, stranger, shared):
    address, shared_link = shared
    for view in ("", "?turn=1", "?screen=1&turn=1&r=3322100000"):
        for browser, page, said in [
            (reader, address, "<b>You asked:</b>"),
            (stranger, shared_link, "<b>Question:</b>"),
            (reader, address, "<b>You asked:</b>"),
        ]:
            told = browser.get(page + view).replace("strong>", "b>")
            assert said in told, (page, view)
            assert ("You asked" in told) == ("You asked" in said)


def test_its_owner_sees_what_others_see(reader, shared):
    assert forms(reader.get(shared[1])) == [f"{shared[1]}/copy"]


def test_whoever_reads_may_save_a_copy_of_their_own(reader, stranger, shared):
    page = stranger.get(shared[1])
    copy = stranger.send(page, f"{shared[1]}/copy")
    assert copy == stranger.send(page, f"{shared[1]}/copy"), "pressed twice it is one copy"
    stranger.ask("Mine?", conversation=copy.removeprefix("/c/"))
    assert "Mine?" in stranger.get(copy)
    assert "Mine?" not in stranger.get(shared[1])
    assert "Why is the sky blue?" in stranger.get("/conversations")
    assert "mother" not in stranger.get("/conversations")


@ON_BOTH_STORES
def test_a_link_is_withdrawn_where_it_is_listed(reader, stranger, shared):
    address, shared_link = shared
    page = reader.get(link(reader.get("/conversations"), "shared"))
    assert shared_link in page
    assert reader.send(page, f"{address}/withdraw") == f"{address}/about"
    for view in ("", "?turn=1", ".txt", "/1.epub"):
        assert stranger.client.get(shared_link + view).status_code == 404
    assert stranger.client.post(f"{shared_link}/copy").status_code == 404
    assert not has(reader.get("/conversations"), "shared")
    assert has(reader.get("/conversations/shared"), "notice")
    page = reader.get(f"{address}/about")
    reader.send(page, f"{address}/share")
    assert link(reader.get(f"{address}/about"), "link") != shared_link


def test_a_conversation_that_is_deleted_is_not_shared_until_it_is_restored(
    reader, stranger, shared
):
    address, shared_link = shared
    led = reader.send(reader.get(f"{address}/delete"), f"{address}/delete")
    stranger.get(shared_link, status=404)
    reader.send(reader.get(led), f"{address}/restore")
    stranger.get(shared_link)


def test_a_link_has_no_other_names(app, reader, stranger, shared):
    """Unknown, foreign and malformed ones are looked up in the same way, and all are 404."""
    (owned,) = app.store.list_owned(owner(app, reader), 9)
    looked_up = []
    find = app.store.shared_as
    app.store.shared_as = lambda share_id: looked_up.append(share_id) or find(share_id)
    for name in (
        *(new_id(), owned.id, owned.share, shared[0].removeprefix("/c/"), "x", "A" * 22),
        *(shared[1].removeprefix("/s/")[:-1], "é", "%00", "A" * 5000),
    ):
        for view in ("", ".txt"):
            told = stranger.client.get(f"/s/{name}{view}")
            assert told.status_code == 404, name
    assert len(looked_up) == 20
    assert owned.share not in looked_up


def test_a_shared_link_in_a_language_has_its_pages_in_it(reader, stranger, shared):
    page = stranger.get(f"/de{shared[1]}")
    assert forms(page) == [f"/de{shared[1]}/copy"]


def test_below_a_path_the_link_is_shown_with_it(open_app):
    app = open_app(KINDLECHAT_ROOT="/chat")
    reader = Browser(app)
    told = reader.client.post("/chat/ask", data={"message": "Why?"})
    about = told.headers["Location"] + "/about"
    page = reader.get(about)
    reader.send(page, about.replace("/about", "/share"))
    page = reader.get(about)
    shown = re.search(r'id="link" href="([^"]+)">([^<]+)<', page)
    assert shown[1].startswith("/chat/s/")
    assert shown[2] == f"http://localhost{shown[1]}"
    assert "Why?" in reader.get(shown[1])
