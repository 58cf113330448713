"""Asking differently from an earlier question: a conversation of its own with what was before."""

import pytest

from tests.apps import ON_BOTH_STORES, link
from tests.library.conftest import Browser, fields, forms, rows


@pytest.fixture
def three(reader):
    """A conversation of three questions."""
    address = reader.ask("First?")
    for question in ("Second?", "Third?"):
        reader.ask(question, conversation=address.removeprefix("/c/"))
    return address


def test_a_branch_has_what_was_before_and_the_new_question(reader, upstream, three):
    page = reader.get(link(reader.get(f"{three}?turn=2"), "branch"))
    assert "Second?</textarea>" in page
    before = len(upstream.requests)
    led = reader.send(page, f"{three}/branch", message="Another second?")
    shown = reader.get(led)
    assert led != three
    assert "First?" in shown
    assert "Another second?" in shown
    assert "Third?" not in shown
    assert "Another" not in reader.get(three)
    assert "Third?" in reader.get(three)
    said = [part["parts"][0]["text"] for part in upstream.requests[before].body["contents"]]
    assert said[0] == "First?"
    assert said[-1] == "Another second?"
    assert len(said) == 3
    assert reader.get("/conversations").count(">First?</a>") == 2


def test_a_branch_at_the_first_question_is_a_new_conversation(reader, three):
    page = reader.get(f"{three}/branch?turn=1")
    led = reader.send(page, f"{three}/branch", message="Another first?")
    shown = reader.get(led)
    assert "Another first?" in shown
    assert "Second?" not in shown
    assert set(rows(reader.get("/conversations"))) == {"Another first?", "First?"}


@ON_BOTH_STORES
def test_pressed_twice_it_is_one_branch(reader, three):
    page = reader.get(f"{three}/branch?turn=3")
    led = {reader.send(page, f"{three}/branch", message="Once?") for _ in range(2)}
    assert len(led) == 1
    assert reader.get(led.pop()).count("Once?") >= 1


def test_an_empty_question_is_refused_and_a_wrong_turn_not_found(reader, three):
    page = reader.get(f"{three}/branch?turn=2")
    refused = reader.send(page, f"{three}/branch", status=400, message=" ")
    assert fields(refused, f"{three}/branch")["turn"] == "2"
    refused = reader.send(page, f"{three}/branch", status=400, message="x" * 8001)
    assert "x" * 8001 in refused, "what was typed is kept"
    for turn in ("0", "4", "x", "-1", "٣"):
        reader.get(f"{three}/branch?turn={turn}", status=404)
        told = reader.client.post(f"{three}/branch", data={"turn": turn, "message": "x"})
        assert told.status_code == 404


def test_a_branch_counts_as_one_question(open_app):
    app = open_app(KINDLECHAT_RATE_LIMIT="3/hour")
    reader = Browser(app)
    address = reader.ask("First?")
    reader.ask("Second?", conversation=address.removeprefix("/c/"))
    page = reader.get(f"{address}/branch?turn=2")
    reader.send(page, f"{address}/branch", message="Another?")
    refused = reader.send(page, f"{address}/branch", status=429, message="One more?")
    kept = fields(refused, f"{address}/branch")
    assert (kept["turn"], kept["message"]) == ("2", "One more?")
    assert forms(refused) == [f"{address}/branch"]
