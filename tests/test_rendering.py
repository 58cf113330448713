"""Pages made of templates and translations."""

import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from kindlechat.actions.action import ActionPlace, Actions
from kindlechat.errors import Reason
from kindlechat.rendering.ui.languages import parse_source
from kindlechat.rendering.ui.templates import Templates
from kindlechat.reply import State
from tests.cases import cases

SITE = Path(__file__).parents[1] / "site"
SOURCE = parse_source((SITE / "translations/messages.pot").read_bytes())

# Pages


@dataclass
class Turn:
    id: str = "r1"
    number: int = 2
    question: str = "Is a < b?"
    answer: Markup = Markup("<p>Yes.</p>")  # noqa: RUF009 (immutable)
    state: str = "done"
    status: str = ""
    under_way: bool = False
    can_continue: bool = False
    seen: int = 4
    question_is_rtl: bool = False
    has_picture: bool = False
    picture: str = ""
    follow_ups: tuple[tuple[str, bool], ...] = ()


@pytest.fixture(scope="session")
def pages():
    return Templates.load(SITE, demo=False).localized()


def conversation(pages, turn, *, may_write=True, **changes):
    values = {"earlier": [], "older": [], "total": 2, "newest": True, "live": False}
    values |= {"newest_last": False, "refresh_s": 5, "asking": False}
    values |= {"version": 1, "versions": 0, "current": True, "version_here": "?version="}
    values |= {"version_asked": "", "version_meant": "", "bare": False} | changes
    return pages.render(
        "conversation.html",
        reader=SimpleNamespace(
            conversation="abc",
            page="/c/abc",
            files="/c/shared",
            link="",
            shared="shared",
            mails=False,
            question_label="ui.you_asked",
            actions=Actions().at(ActionPlace.ANSWER),
            pair=None,
            may_write=may_write,
        ),
        turn=turn,
        **values,
    )


WRITING = Turn(state="streaming", status="Still writing.", under_way=True)


def test_a_page_under_way_refreshes_itself_and_can_be_stopped_and_refreshed_by_hand(pages):
    html = conversation(pages, WRITING)
    assert '<meta http-equiv="refresh" content="5; url=/c/abc">' in html
    assert '<a id="refresh" href="/c/abc?seen=4"' in html
    assert 'action="/c/abc/stop"' in html
    assert 'action="/c/abc/again"' not in html


def test_a_growing_page_never_refreshes(pages):
    html = conversation(pages, WRITING, live=True)
    assert "http-equiv" not in html
    assert 'href="/c/abc/live?ask=1"' in html, "what is asked here is answered on one, too"
    assert html.index('id="stop"') < html.index('id="answer"'), "below it would come too late"


def test_an_ended_page_rests_and_offers_what_can_be_done(pages):
    html = conversation(pages, Turn(state="cut", status="Cut.", can_continue=True))
    assert "http-equiv" not in html
    assert '<p id="status">Cut.</p>' in html
    for way in ("continue", "again"):
        assert f'action="/c/abc/{way}"' in html
    assert 'href="/c/abc/edit"' in html
    assert 'action="/c/abc/continue"' not in conversation(pages, Turn())


def test_an_older_turn_alone_leads_back_to_the_latest(pages):
    html = conversation(pages, Turn(number=1), newest=False)
    assert 'action="/c/abc/again"' not in html
    assert '<a id="latest" href="/c/abc">' in html
    assert "Question 1 of 2" in html


def test_the_answer_stands_between_its_markers_and_nothing_else_does(pages):
    html = conversation(pages, Turn())
    assert '<div id="answer"><!--answer--><p>Yes.</p><!--/answer--></div>' in html
    assert html.count("<!--") == 2


def test_earlier_turns_are_told_in_full_and_older_ones_linked(pages):
    html = conversation(
        pages, Turn(), earlier=[Turn(status="Stopped.")], older=[(1, "<first>", False)]
    )
    assert '<a href="/c/abc?turn=1">&lt;first&gt;</a>' in html
    assert html.count("<p>Yes.</p>") == 2
    assert "Stopped." in html


def test_an_earlier_version_is_led_to_and_counts_for_what_is_asked_on_its_page(pages):
    html = conversation(pages, Turn(), version=2, versions=3)
    for number in (1, 3):
        assert f'href="/c/abc?version={number}"' in html
    earlier = conversation(
        pages, Turn(under_way=True), versions=2, current=False, version_meant="v1"
    )
    assert 'name="version" value="v1"' in earlier
    assert "http-equiv" not in earlier, "it would lead away from it"
    assert 'action="/c/abc/stop"' not in earlier


def test_a_question_is_escaped(pages):
    html = conversation(pages, Turn(question="<script>"))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2, "in the title and above the answer"


def test_a_question_runs_as_its_letters_do(pages):
    right = Turn(question="מה?", question_is_rtl=True)
    html = conversation(pages, right, earlier=[right, Turn()])
    assert html.count(' dir="rtl">') == 2
    assert '<p id="question" class="ruled" dir="rtl">' in html


def test_on_a_page_from_right_to_left_a_question_in_english_keeps_its_order():
    arabic = Templates.load(SITE, demo=False).localized("ar")
    html = conversation(arabic, Turn(), earlier=[Turn(question="מה?", question_is_rtl=True)])
    assert '<span dir="ltr">Is a &lt; b?</span>' in html
    assert html.count('<span dir="ltr">') == 1


def test_a_message_gives_the_readers_text_back_in_the_box(pages):
    html = pages.render("message.html", title="T", message="a <b>", conversation="abc", mode="live")
    assert ">a &lt;b&gt;</textarea>" in html
    assert 'name="conversation" value="abc"' in html
    assert 'name="mode" value="live"' in html


@cases("nothing", [{}, {"message": "", "conversation": "", "back": None}])
def test_a_message_needs_only_a_title(pages, nothing):
    html = pages.render("message.html", title="T", **nothing)
    assert '<h1 id="notice">T</h1>' in html
    assert "<form" not in html


def test_the_passcode_page_carries_the_question_along(pages):
    values = {"message": 'why "so"?', "conversation": "abc", "mode": "live"}
    html = pages.render("passcode.html", wrong=True, **values)
    assert 'name="message" value="why &#34;so&#34;?"' in html
    assert pages.sentence("error.passcode_wrong") in html
    assert pages.sentence("error.passcode_wrong") not in pages.render(
        "passcode.html", wrong=False, **values
    )


def test_the_edit_page_holds_the_last_question(pages):
    html = pages.render("edit.html", conversation="abc", reply="r", message="Why <?")
    assert 'action="/c/abc/edit"' in html
    assert ">Why &lt;?</textarea>" in html


def test_in_a_demonstration_every_page_says_so():
    pages = Templates.load(SITE, demo=True).localized()
    sentence = pages.sentence("ui.demo")
    assert sentence in pages.render("message.html", title="T")
    assert sentence in conversation(pages, Turn())
    assert sentence not in conversation(Templates.load(SITE, demo=False).localized(), Turn())


def test_a_value_that_was_not_given_is_an_error(pages):
    with pytest.raises(UndefinedError):
        pages.render("edit.html", conversation="abc")


# Translations


@cases("key", [f"reason.{reason}" for reason in Reason])
def test_every_reason_has_a_sentence_of_its_own(pages, key):
    sentences = [pages.sentence(f"reason.{reason}") for reason in Reason]
    assert sentences.count(pages.sentence(key)) == 1


@cases("state", sorted(set(State) - {State.DONE}))
def test_every_state_but_the_usual_end_has_a_sentence(pages, state):
    assert pages.sentence(f"state.{state}")


def test_sentences_are_filled_in(pages):
    sentence = pages.sentence("error.message_long", limit=4000, got=4001)
    assert "4,000 characters" in sentence
    assert "4,001" in sentence


@cases("key", ["reason.nonsense", "ui"])
def test_an_unknown_sentence_is_an_error(pages, key):
    with pytest.raises(KeyError):
        pages.sentence(key)


def test_a_sentence_that_lacks_its_value_is_an_error(pages):
    with pytest.raises(KeyError):
        pages.sentence("error.rate_limited")


def test_the_readers_words_are_plain(pages):
    sentences = [one for one, _ in SOURCE.values()]
    assert len(sentences) > 100
    for sentence in sentences:
        assert "!" not in sentence
        assert not re.search(r"\b(token|stream|upstream|API|server error)\b", sentence)


def test_every_sentence_of_the_pages_is_used_somewhere():
    templates = "".join(path.read_text() for path in (SITE / "templates").glob("*.html"))
    keys = {key for key in SOURCE if key.startswith(("ui.", "blog."))}
    unused = {key for key in keys if f'"{key}"' not in templates}
    asked_for = {"blog.tagged", "ui.contents", "ui.newest_only", "ui.conversations_of"}
    asked_for |= {"ui.delete_title", "ui.delete_all_title", "ui.question", "ui.share_read"}
    assert unused == asked_for, "titles that the program asks for"
