"""Deleting one conversation or all, with a page that asks first, and undoing it."""

import pytest

from harness.behaviours import FAULTS
from harness.waiting import eventually
from tests.apps import HERE, ON_BOTH_STORES, has, link
from tests.library.conftest import Browser, rows
from tests.library.test_list import owner


@pytest.mark.parametrize("cookies", [True, False])
def test_one_is_deleted_after_a_question_and_can_be_restored(app, cookies, stranger):
    reader = Browser(app, cookies=cookies)
    address = reader.ask("Why is the sky blue?")
    page = reader.get(link(reader.get(f"{address}/about"), "delete"))
    assert "Why is the sky blue?" in page
    assert link(page, "back") == f"{address}/about"
    assert "Because" in reader.get(address), "to ask deletes nothing"
    led = reader.send(page, f"{address}/delete")
    for view in ("", "/live", "/edit", "/about", ".txt", "/1.epub", "/branch"):
        reader.get(address + view, status=404)
    assert rows(reader.get("/conversations")) == {}
    assert reader.send(page, f"{address}/delete") == led, "pressed twice"
    page = reader.get(led)
    for _ in range(2):
        assert reader.send(page, f"{address}/restore") == address
    assert "Because" in reader.get(address)
    assert reader.client.get(led).headers["Location"] == address


@ON_BOTH_STORES
def test_all_are_deleted_after_a_question_and_can_be_restored(app, reader, stranger):
    addresses = {f"{n}?": reader.ask(f"{n}?") for n in range(3)}
    others = stranger.ask("Mine?")
    page = reader.get(link(reader.get("/conversations"), "delete-all"))
    assert "3 conversations" in page
    led = reader.send(page, "/conversations/delete")
    assert rows(reader.get("/conversations")) == {}
    for address in addresses.values():
        reader.get(address, status=404)
    assert "Mine?" in stranger.get(others)
    assert link(reader.get("/conversations"), "deleted") == led
    page = reader.get(led)
    one = app.store.list_discarded(owner(app, reader), 9)[0]
    for _ in range(2):
        reader.send(page, "/conversations/restore", id=one.id)
    assert [*rows(reader.get("/conversations"))] == [one.question]
    reader.send(reader.get(led), "/conversations/restore", id="")
    assert rows(reader.get("/conversations")) == addresses
    assert has(reader.get(led), "notice")


def test_no_other_site_deletes(app, reader):
    """An old browser does not say where a form comes from: the form has a token then."""
    address = reader.ask("Why?")
    for headers in ({}, {"Origin": "http://evil.example"}):
        for data in ({}, {"token": "0" * 16}):
            told = reader.client.post("/conversations/delete", data=data, headers=headers)
            assert told.status_code == 403
    assert rows(reader.get("/conversations")) == {"Why?": address}
    assert reader.client.post("/conversations/delete", headers=HERE).status_code == 303
    for headers in ({}, {"Origin": "http://evil.example"}):
        assert reader.client.post("/conversations/restore", headers=headers).status_code == 403
    assert rows(reader.get("/conversations")) == {}


def test_whom_no_cookie_names_is_told_so(app):
    nobody = Browser(app, cookies=False)
    for write in ("delete", "restore"):
        told = nobody.client.post(f"/conversations/{write}", headers=HERE)
        assert told.status_code == 403
        assert "no conversations yet" in told.text


def test_others_restore_nothing(app, reader, stranger):
    address = reader.ask("Why?")
    stranger.ask("Mine?")
    (owned,) = app.store.list_owned(owner(app, reader), 9)
    led = reader.send(reader.get(f"{address}/delete"), f"{address}/delete")
    told = stranger.client.post("/conversations/restore", data={"id": owned.id}, headers=HERE)
    assert told.status_code == 404
    told = stranger.client.post(f"/c/{owned.id}/restore", headers=HERE)
    assert told.status_code == 403
    for name in ("none", "A" * 22, owned.id[:-1]):
        assert stranger.client.post(f"/c/{name}/restore", headers=HERE).status_code == 404
    assert not has(stranger.get("/conversations"), "deleted")
    reader.get(address, status=404)
    reader.get(led)


def test_what_is_being_written_is_stopped(app, reader, upstream):
    upstream.script(FAULTS["stall"])
    reply = reader.client.post("/api/replies", json={"message": "Why?"}).json
    eventually(lambda: reader.client.get(reply["poll"]).json["text"] == "Half an ans")
    told = reader.client.post(f"{reply['page']}/delete", data={})
    assert told.status_code == 303
    eventually(lambda: reader.client.get(reply["poll"]).status_code == 404)
    assert reader.client.post(f"{reply['poll']}/continue").status_code == 404
    reader.send(reader.get(told.headers["Location"]), f"{reply['page']}/restore")
    eventually(lambda: reader.client.get(reply["poll"]).json["state"] == "stopped")
