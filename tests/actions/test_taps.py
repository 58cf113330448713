"""One tap on an answer asks on, and a button beside Ask says what to do with the text in the box."""

import json
import re
from html import unescape

import pytest

from harness.waiting import eventually
from tests.actions.pages import ANSWER, ask, asked, sent, tap
from tests.apps import HERE


def test_an_action_is_a_question_of_its_own_told_by_its_name(reader, upstream):
    page = tap(reader, ask(reader), action="shorter")
    assert asked(page) == "You asked: Shorter"
    assert sent(upstream).startswith("Say your last answer again in at most half as many words.")
    contents = upstream.requests[-1].body["contents"]
    assert [turn["parts"][-1]["text"] for turn in contents[:2]] == ["Why is the sky blue?", ANSWER]


def test_what_is_asked_on_knows_what_an_action_was(reader, upstream):
    tap(reader, tap(reader, ask(reader), action="shorter"), action="more")
    contents = upstream.requests[-1].body["contents"]
    assert contents[2]["parts"][-1]["text"].startswith("Say your last answer again in at most half")


def test_try_again_asks_the_model_the_same(reader, upstream):
    page = tap(reader, ask(reader), action="example")
    again = re.search(r'action="([^"]+)/again"', page)[1]
    reader.post(f"{again}/again", data={"reply": ""}, headers=HERE)
    eventually(lambda: len(upstream.requests) == 3)
    assert sent(upstream).startswith("Give one concrete example of what your last answer says")


def test_an_answer_is_translated_into_a_language_of_a_list(reader, upstream):
    page = ask(reader)
    choice = reader.get(unescape(re.search(r'id="translate" href="([^"]+)"', page)[1])).text
    assert re.findall(r'<button[^>]*name="language\.([\w-]+)"', choice)[:2] == ["en", "de"]
    page = tap(reader, page, action="translate", language="de")
    assert asked(page) == "You asked: Translate: Deutsch"
    assert sent(upstream).startswith("Translate your last answer into German.")


def test_an_action_on_an_earlier_answer_names_its_question(reader, upstream):
    first = ask(reader)
    address = re.search(r'action="([^"]+)/tap"', first)[1]
    tap(reader, first, action="more")
    page = reader.get(f"{address}?turn=1").text
    page = tap(reader, page, action="simpler")
    assert asked(page) == "You asked: Simpler (Why is the sky blue?)"
    assert sent(upstream).endswith("to this question of mine: Why is the sky blue?")


def test_what_the_model_proposes_is_a_button_and_no_part_of_the_answer(reader, upstream):
    page = ask(reader)
    assert "follow-ups" not in page
    assert "Is &lt;b&gt;it&lt;/b&gt;" not in page, "tags inside are dropped"
    assert unescape(page).count("Is it & so on?") == 1
    page = tap(reader, page, follow_up="2")
    assert unescape(asked(page)) == "You asked: Is it & so on?"
    assert sent(upstream) == "Is it & so on?"


def test_polls_tell_what_the_model_proposes(reader):
    created = reader.post("/api/replies", json={"message": "Why?"}).json
    eventually(lambda: reader.get(created["poll"]).json["state"] == "done")
    polled = reader.get(created["poll"]).json
    assert polled["text"] == ANSWER
    assert polled["follow_ups"] == ["Why red at night?", "Is it & so on?", "Почему?"]
    html = reader.get(created["poll"] + "?format=html").json
    assert "Why red at night?" in html["actions"]


def test_polls_tell_where_the_conversation_is_saved(reader):
    created = reader.post("/api/replies", json={"message": "Why?"}).json
    eventually(lambda: reader.get(created["poll"]).json["state"] == "done")
    told = reader.get(created["poll"] + "?format=html").json["actions"]
    for ending in ("txt", "md", "html", "epub", "mobi"):
        address = re.search(rf'href="(/c/[^"]+\.{ending})"', told)[1]
        assert created["conversation"] not in address, "it leads by the name for those who read"
        assert reader.get(address).status_code == 200


@pytest.mark.parametrize(
    ("task", "told", "begins"),
    [
        ("define", "Define: serendipity", "Define the word or phrase below"),
        ("translate", "Translate: serendipity", "Translate the text below into English."),
        ("explain", "Explain: serendipity", "Explain the text below"),
        ("summarise", "Summarise: serendipity", "Summarise the text below"),
        ("preset-1", "For a child: serendipity", "Say it for a child."),
    ],
)
def test_a_button_beside_ask_says_what_to_do_with_the_text(reader, upstream, task, told, begins):
    page = ask(reader, "serendipity", task=task)
    assert asked(page) == f"You asked: {told}"
    assert sent(upstream).startswith(begins)
    assert sent(upstream).endswith("\n\nserendipity")


def test_a_task_is_told_and_answered_in_the_pages_language(reader, upstream):
    page = ask(reader, "serendipity", root="/de", task="define")
    assert asked(page).endswith("Definieren: serendipity")
    assert "Answer in German." in sent(upstream)


def test_programs_name_a_task_too(reader, upstream):
    reader.post("/api/replies", json={"message": "serendipity", "task": "define"})
    eventually(lambda: upstream.requests)
    assert sent(upstream).startswith("Define the word or phrase below")
    refused = reader.post("/api/replies", json={"message": "x", "task": "dance"})
    assert (refused.status_code, refused.json["error"]["code"]) == (400, "bad_task")


def test_the_operators_buttons_are_under_answers_and_beside_ask(reader, upstream):
    home = reader.get("/de/", headers={"Cookie": "reading=2"}).text
    assert "Für &lt;ein&gt; Kind</button>" in home
    page = tap(reader, ask(reader), action="preset-1")
    assert asked(page) == "You asked: For a child"
    assert sent(upstream) == "Say it for a child."


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"action": "dance"}, 400),
        ({"action": "translate", "language": "xx"}, 400),
        ({"follow_up": "4"}, 404),
        ({"follow_up": "0"}, 404),
        ({"follow_up": "²"}, 404),
        ({"action": "shorter", "reply": "unknown"}, 404),
    ],
)
def test_what_is_not_there_cannot_be_tapped(reader, upstream, fields, status):
    page = ask(reader)
    form = re.search(r'action="([^"]+/tap)"', page)[1]
    reply = re.search(r'name="reply" value="([^"]+)"', page)[1]
    response = reader.post(form, data={"reply": reply, **fields}, headers=HERE)
    assert response.status_code == status
    assert len(upstream.requests) == 1


def test_who_only_reads_has_no_buttons(app, reader):
    address = re.search(r'action="([^"]+)/tap"', ask(reader))[1]
    other = app.test_client()
    shared = reader.get(address).text
    read = re.search(r'href="(/c/[\w-]+)\.txt"', shared) or re.search(
        r'href="(/c/[\w-]+)/1\.txt"', shared
    )
    page = other.get(read[1]).text
    assert 'id="taps"' not in page
    assert other.post(f"{read[1]}/tap", data={"action": "more"}, headers=HERE).status_code == 403


def test_a_second_press_of_a_button_starts_nothing(reader, upstream):
    page = ask(reader)
    tap(reader, page, action="shorter")
    tap(reader, page, action="shorter")
    assert len(upstream.requests) == 2


def test_the_model_is_asked_for_follow_ups_unless_the_operator_wants_none(
    reader, upstream, open_app
):
    ask(reader)
    wanted = json.dumps(upstream.requests[-1].body["systemInstruction"])
    assert "<follow-ups>" in wanted
    quiet = open_app(KINDLECHAT_FOLLOW_UPS="off")
    upstream.requests.clear()
    ask(quiet.test_client())
    assert "<follow-ups>" not in json.dumps(upstream.requests[-1].body["systemInstruction"])


def test_an_earlier_turn_that_is_shown_is_not_listed_once_more(reader):
    page = tap(reader, ask(reader), action="more")
    assert page.count("Why is the sky blue?") == 1
