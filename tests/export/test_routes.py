"""Files by plain links: who gets them, what they are called, how they come."""

import pytest

from harness.quick_start import start_app
from harness.servers import RedisServer
from kindlechat.conversation import Rights
from kindlechat.errors import StoreUnavailable
from kindlechat.export.formats import FORMATS
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.stores.contract import NewReply, Write
from kindlechat.web.conversation import books
from kindlechat.web.exports import HELD_BYTES
from tests.cases import cases

OTHERS = Rights("another reader", "another key")
KINDLE = (
    "Mozilla/5.0 (Linux; U; en-US) AppleWebKit/528.5+ (KHTML, like Gecko) Version/4.0 Kindle/3.0"
)


@pytest.fixture(scope="module", params=["sqlite", "redis"])
def app(request, site, tmp_path_factory):
    settings = {"KINDLECHAT_DATA": str(tmp_path_factory.mktemp("data")), "SECRET_KEY": "s" * 32}
    redis = RedisServer(tmp_path_factory.mktemp("redis")) if request.param == "redis" else None
    if redis:
        settings["REDIS_URL"] = redis.url
    app = start_app(settings)
    yield app
    app.close()
    if redis:
        redis.kill()


@pytest.fixture
def client(app):
    return app.test_client()


def kept(app, *turns, rights=OTHERS, state=State.DONE):
    """The id of a conversation that the store holds."""
    conversation = new_id()
    for number, (question, text) in enumerate(turns):
        new = NewReply(
            id=new_id(),
            conversation=conversation,
            question=question,
            lease=new_id(),
            client_hash="somebody",
            seed=None if number else (),
            rights=rights,
        )
        app.store.create_reply(new)
        app.store.write([Write(new.id, new.lease, 0, text, state, None)])
    return conversation


TWO = (("Why is the sky blue?", "**Air** scatters it."), ("And red?", "# Evening\n\nLonger ways."))


@cases("ending", FORMATS)
def test_whoever_may_read_gets_a_file_of_its_kind(app, client, ending):
    conversation = kept(app, *TWO)
    told = client.get(f"/c/{conversation}.{ending}")
    assert told.status_code == 200
    assert told.headers["Content-Type"].partition(";")[0] == FORMATS[ending].mimetype
    name = f"why-is-the-sky-blue.{ending}"
    assert told.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert told.headers["Cache-Control"] == "no-store"
    assert told.headers["X-Robots-Tag"] == "noindex"
    assert int(told.headers["Content-Length"]) == len(told.data)
    one = client.get(f"/c/{conversation}/2.{ending}")
    assert one.headers["Content-Disposition"] == f'attachment; filename="and-red.{ending}"'
    assert conversation.encode() not in told.data + one.data, "the address stays secret"


def test_a_file_holds_the_whole_conversation_or_one_answer(app, client):
    conversation = kept(app, *TWO)
    whole = client.get(f"/c/{conversation}.txt").text
    assert whole.index("Air scatters it.") < whole.index("And red?") < whole.index("Longer ways.")
    one = client.get(f"/c/{conversation}/2.txt").text
    assert one == "Question: And red?\n\nEvening\n\nLonger ways.\n"


@cases(
    "address",
    [
        "/c/none.txt",
        "/c/{}.pdf",
        "/c/{}/0.txt",
        "/c/{}/3.txt",
        "/c/{}/99999999999999999999.txt",
        "/c/{}/x.txt",
    ],
)
def test_what_is_not_there_is_not_found(app, client, address):
    assert client.get(address.format(kept(app, *TWO))).status_code == 404


def test_saving_a_conversation_of_before_takes_it_from_nobody(app, client):
    conversation = kept(app, *TWO, rights=Rights())
    assert client.get(f"/c/{conversation}.txt").status_code == 200
    assert not app.store.rights(conversation).claimed


@cases(
    ("agent", "query", "bom"),
    [
        ("Lynx/2.9", "", False),
        ("Lynx/2.9", "?bom=1", True),
        (KINDLE, "", True),
        (KINDLE, "?bom=0", False),
        (KINDLE, "?bom=x", True),
    ],
)
def test_plain_text_has_a_byte_order_mark_where_a_device_needs_it(app, client, agent, query, bom):
    address = f"/c/{kept(app, *TWO)}.txt{query}"
    told = client.get(address, headers={"User-Agent": agent})
    assert told.data.startswith(b"\xef\xbb\xbf") == bom
    assert int(told.headers["Content-Length"]) == len(told.data)


def test_words_are_those_of_the_pages_language(app, client):
    text = client.get(f"/ru/c/{kept(app, *TWO)}.txt").text
    assert text.startswith("Вопрос: Why")
    html = client.get(f"/ru/c/{kept(app, *TWO)}.html").text
    assert '<html lang="en"' in html, "the text itself is in Latin letters"
    assert "Содержание" in html


def test_each_version_of_an_answer_can_be_saved(app, client):
    conversation = kept(app, *TWO)
    replaced = app.store.outline(conversation).replies[-1].id
    again = NewReply(new_id(), conversation, "And green?", new_id(), "somebody", replaces=replaced)
    app.store.create_reply(again)
    app.store.write([Write(again.id, again.lease, 0, "Rarely.", State.DONE, None)])
    saved = [client.get(f"/c/{conversation}/2{which}.txt") for which in (".1", ".2", "")]
    assert ["And green?" in told.text for told in saved] == [False, True, True]
    assert "Longer ways." in saved[0].text
    for which in (".0", ".3"):
        assert client.get(f"/c/{conversation}/2{which}.txt").status_code == 404
    assert client.get(f"/c/{conversation}/1.1.txt").status_code == 200
    earlier = client.get(f"/c/{conversation}?version=1").text
    assert f'href="/c/{conversation}/2.1.epub"' in earlier


def test_how_an_answer_ended_is_said(app, client):
    conversation = kept(app, ("Why?", "Half an"), state=State.STOPPED)
    assert client.get(f"/c/{conversation}.txt").text.endswith("Half an\n\nStopped.\n")


def test_any_title_is_harmless(app, client):
    title = 'x"; filename="evil.exe\r\nSet-Cookie: a=b\u202e<script>'
    told = client.get(f"/c/{kept(app, (title, 'So.'))}.html")
    (given,) = told.headers.getlist("Content-Disposition")
    assert given == 'attachment; filename="x-filename-evil-exe.html"'
    assert "Set-Cookie" not in told.headers
    assert "<script>" not in told.text


def test_a_long_file_comes_in_parts(app, client):
    conversation = kept(app, *[("Why?", "word " * 38_000)] * 7)
    told = client.get(f"/c/{conversation}.md")
    assert "Content-Length" not in told.headers
    assert len(told.data) > HELD_BYTES
    assert told.data.count(b"# Why?") == 7


def test_a_file_that_cannot_be_read_to_its_end_does_not_look_whole(app, client, monkeypatch):
    conversation = kept(app, *[("Why?", "word " * 38_000)] * 8)
    read = app.store.replies
    told = client.get(f"/c/{conversation}.md")

    def fail(ids):
        raise StoreUnavailable("away")

    monkeypatch.setattr(app.store, "replies", fail)
    with pytest.raises(ConnectionResetError):
        told.get_data()
    assert client.get(f"/c/{conversation}.md").status_code == 503
    monkeypatch.setattr(app.store, "replies", read)


def test_a_file_holds_the_newest_part_of_a_conversation_that_is_too_long(app, client, monkeypatch):
    monkeypatch.setattr(books, "MAX_CHARS", 40)
    conversation = kept(app, ("One?", "a" * 30), ("Two?", "b" * 15), ("Three?", "c" * 10))
    text = client.get(f"/c/{conversation}.txt").text
    assert "One?" not in text
    assert text.startswith(
        "This file holds the newest part of a long conversation: 2 of 3 questions.\n"
    )
    assert "a" * 30 in client.get(f"/c/{conversation}/1.txt").text


def test_pages_offer_files_of_the_answer_and_of_the_conversation(app, client):
    conversation = kept(app, *TWO)
    page = client.get(f"/c/{conversation}?turn=1").text
    for address in (f"/c/{conversation}/1", f"/c/{conversation}"):
        for ending in FORMATS:
            assert f'href="{address}.{ending}"' in page
    assert 'id="save-all"' not in client.get(f"/c/{kept(app, TWO[0])}").text
