"""The list of a reader's conversations, its search, titles and stars."""

import pytest

from kindlechat.conversation import Rights
from kindlechat.relay import new_id
from kindlechat.rendering.device.reading import Reading, View
from kindlechat.reply import State
from kindlechat.stores.contract import NewReply, Write
from kindlechat.web.library_pages import PAGE
from kindlechat.web.services import EXTENSION
from tests.apps import ON_BOTH_STORES, has, link
from tests.library.conftest import Browser, fields, forms, rows

IN_SCREENS = Reading(view=View.PAGES, screen="600x800").code


def fill(app, reader, count):
    """Put conversations into the store that belong to a reader who has asked already."""
    mine = Rights(owner_hash=owner(app, reader))
    for number in range(count):
        new = NewReply(new_id(), new_id(), f"Question {number}", "lease", "client", (), mine)
        app.store.create_reply(new)
        app.store.write([Write(new.id, "lease", 0, "x", State.DONE, None)])


def owner(app, reader):
    """What the store knows of a reader who has asked already."""
    services = app.extensions[EXTENSION]
    value = reader.client.get_cookie("reader").value
    return services.hasher.digest("reader", services.reader_signer.unsign(value).decode())


def test_the_first_page_leads_to_the_list_and_the_list_to_conversations(app, reader, stranger):
    address = reader.ask("Why is the sky blue?")
    other = reader.ask("What is the sea?")
    shown = reader.get(link(reader.get("/"), "library"))
    assert rows(shown) == {"What is the sea?": other, "Why is the sky blue?": address}
    assert "1 question<" in shown.replace(" ·", "<")
    assert link(reader.get(address), "library") == "/conversations"
    assert rows(stranger.get("/conversations")) == {}
    assert has(stranger.get("/conversations"), "notice")
    assert "Set-Cookie" not in stranger.client.get("/conversations").headers


def test_a_list_has_pages(app, reader):
    reader.ask("The last one?")
    fill(app, reader, 2 * PAGE)
    first = reader.get("/conversations")
    second = reader.get(link(first, "next"))
    third = reader.get(link(second, "next"))
    assert not has(first, "previous")
    assert not has(third, "next")
    assert reader.get(link(third, "previous")) == second
    titles = [*rows(first), *rows(second), *rows(third)]
    assert len(titles) == len(set(titles)) == 2 * PAGE + 1
    assert titles[0] == f"Question {2 * PAGE - 1}"
    assert titles[-1] == "The last one?"


@pytest.mark.parametrize("page", ["0", "-1", "x", "10000", "٣", "1.5"])
def test_a_page_that_cannot_be_is_not_found(reader, page):
    reader.get(f"/conversations?page={page}", status=404)


def test_a_page_after_the_last_one_is_empty(reader):
    reader.ask("Why?")
    assert rows(reader.get("/conversations?page=9999")) == {}


@ON_BOTH_STORES
def test_a_search_goes_over_pages(app, reader):
    reader.ask("天空为什么是蓝色的？")
    fill(app, reader, PAGE + 1)
    first = reader.get("/conversations?q=question")
    assert len(rows(first)) == PAGE
    second = reader.get(link(first, "next"))
    assert len(rows(second)) == 1
    assert fields(second, "/conversations")["q"] == "question"
    assert [*rows(reader.get("/conversations?q=%E5%A4%A9%E7%A9%BA"))] == ["天空为什么是蓝色的？"]
    assert [*rows(reader.get("/conversations?q=because+air"))] == ["天空为什么是蓝色的？"]
    nothing = reader.get("/conversations?q=albatross")
    assert rows(nothing) == {}
    assert rows(reader.get(link(nothing, "all")))


def test_nobody_finds_what_is_others(reader, stranger):
    reader.ask("Why is the sky blue?")
    stranger.ask("Something else?")
    assert rows(stranger.get("/conversations?q=sky")) == {}


def test_a_search_keeps_the_settings_that_its_address_carries(app, reader):
    carried = Browser(app, cookies=False)
    code = Reading(size=5).code
    page = carried.get(f"/conversations?r={code}")
    assert fields(page, f"/conversations?r={code}")["r"] == code
    assert "r" not in fields(reader.get("/conversations"), "/conversations")


HOSTILE = "</title><script>alert(1)</script>\"' & ‮.. \\ /etc/passwd"


@pytest.mark.parametrize("cookies", [True, False])
def test_a_title_may_hold_anything(app, cookies, stranger):
    reader = Browser(app, cookies=cookies)
    address = reader.ask("Why?")
    about = link(reader.get(address), "manage")
    page = reader.get(about)
    assert reader.send(page, f"{address}/title", title=f"  {HOSTILE}\n\0x ") == about
    page = reader.get(about)
    shown = HOSTILE.replace("\u202e", "").replace("& ..", "& ..") + " x"
    assert fields(page, f"{address}/title")["title"] == " ".join(shown.split())
    assert "<script>alert" not in page
    if not cookies:
        return
    assert [*rows(reader.get("/conversations"))] == [" ".join(shown.split())]
    for ending in ("txt", "md", "html", "epub", "mobi"):
        told = reader.client.get(f"{address}.{ending}")
        assert told.status_code == 200
        name = told.headers["Content-Disposition"]
        assert name == f'attachment; filename="title-script-alert-1-script-etc-passwd-x.{ending}"'
        if ending in ("html", "epub"):
            assert b"<script>alert" not in told.data
    read_only = "/c/" + app.store.list_owned(owner(app, reader), 1)[0].id
    for each in (read_only, f"{read_only}.txt", f"{read_only}.html"):
        assert "passwd" not in stranger.get(each), "what it is called is its owner's matter"


def test_a_title_that_is_too_long_is_refused_and_kept_in_the_form(reader):
    address = reader.ask("Why?")
    page = reader.get(f"{address}/about")
    refused = reader.send(page, f"{address}/title", status=400, title="long " * 50)
    assert fields(refused, f"{address}/title")["title"] == "long " * 50
    assert has(refused, "notice")
    assert [*rows(reader.get("/conversations"))] == ["Why?"]


def test_without_a_title_it_is_the_first_question(reader):
    address = reader.ask("Why?")
    page = reader.get(f"{address}/about")
    reader.send(page, f"{address}/title", title="Mine")
    assert [*rows(reader.get("/conversations"))] == ["Mine"]
    assert "Mine" in reader.get("/")
    reader.send(page, f"{address}/title", title="  ")
    assert [*rows(reader.get("/conversations"))] == ["Why?"]


def test_starred_conversations_come_first(reader):
    first = reader.ask("First?")
    reader.ask("Second?")
    page = reader.get(f"{first}/about")
    reader.send(page, f"{first}/star")
    assert [*rows(reader.get("/conversations"))] == ["First?", "Second?"]
    reader.send(reader.get(f"{first}/about"), f"{first}/star")
    assert [*rows(reader.get("/conversations"))] == ["Second?", "First?"]


WRITES = ("title", "star", "share", "withdraw", "delete", "restore")


def test_others_change_nothing(app, reader, stranger):
    address = reader.ask("Why?")
    read_only = "/c/" + app.store.list_owned(owner(app, reader), 1)[0].id
    for page in ("about", "delete"):
        stranger.get(f"{read_only}/{page}", status=403)
    assert not has(stranger.get(read_only), "manage")
    for write in WRITES:
        told = stranger.client.post(f"{read_only}/{write}", data={"title": "x", "starred": "1"})
        assert told.status_code in (403, 404), write
    assert [*rows(reader.get("/conversations"))] == ["Why?"]
    assert not has(reader.get(f"{address}/about"), "link")
    assert forms(stranger.get(read_only)) == [f"{read_only}/copy"]


@pytest.mark.parametrize("write", WRITES)
def test_with_a_passcode_each_change_needs_it_and_then_goes_through(open_app, write):
    app = open_app(KINDLECHAT_PASSCODE="open sesame")
    reader = Browser(app, cookies=False)
    form = {"message": "Why?", "passcode": "open sesame"}
    address = reader.client.post("/passcode", data=form).headers["Location"]
    page = reader.get(address)
    if write == "restore":
        held = reader.client.post(f"{address}/delete", data={"token": ""})
        reader.client.post(
            "/passcode", data=fields(held.text, "/passcode") | {"passcode": "open sesame"}
        )
    held = reader.client.post(f"{address}/{write}", data={"title": "Mine", "starred": "1"})
    assert held.status_code == 401
    pressed = fields(held.text, "/passcode") | {"passcode": "open sesame"}
    led = reader.client.post("/passcode", data=pressed)
    assert led.status_code == 303, led.text
    page = reader.get(led.headers["Location"])
    if write == "title":
        assert fields(page, f"{address}/title")["title"] == "Mine"
    if write == "star":
        assert fields(page, f"{address}/star")["starred"] == "0"


def test_a_title_runs_as_its_letters_do_on_pages_of_either_direction(reader):
    question = {"ltr": "Почему небо голубое?", "rtl": "لماذا السماء زرقاء؟"}
    address = {way: reader.ask(text) for way, text in question.items()}
    told = {way: f'<span dir="{way}">{text}</span>' for way, text in question.items()}
    for other, language in [("ltr", "/ar"), ("rtl", "")]:
        own = "rtl" if other == "ltr" else "ltr"
        for page in (reader.get(f"{language}/"), reader.get(f"{language}/conversations")):
            assert f">{told[other]}</a>" in page
            assert f">{question[own]}</a>" in page
        about = f"{language}{address[other]}"
        assert f"<h1>{told[other]}</h1>" in reader.get(f"{about}/about")
        assert f"<b>{told[other]}</b>" in reader.get(f"{about}/delete")
        for more in ("And?", "So?"):
            reader.ask(more, conversation=address[other].removeprefix("/c/"))
        assert f">{told[other]}</a>" in reader.get(f"{about}?turn=2")
        assert f"<h1>{told[other]}</h1>" in reader.get(f"{about}?turn=1&more=1&r={IN_SCREENS}")
