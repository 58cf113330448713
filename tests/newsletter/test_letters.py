"""What letters say, in every language, and what is in their headers on the wire."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from kindlechat.newsletter.keys import NewsletterKeys, Purpose
from kindlechat.stores.contract import Standing, Subscriber
from tests.newsletter.conftest import BASE_URL, IMPRINT, SECRET, SENDER

NOW = datetime(2026, 11, 27, tzinfo=UTC)
ANN = Subscriber("A" * 22, "ann@example.org", "hash", "en", Standing.ACTIVE, 0)


def read(message):
    return message_from_bytes(message.as_bytes(), policy=default)


def text_of(message, kind="plain"):
    return message.get_body((kind,)).get_content()


def token_in(text, purpose):
    (link,) = {word for word in text.split() if f"/newsletter/{purpose}/" in word}
    return link.rpartition("/")[2]


def test_a_letter_names_the_post_and_the_way_out(letters, post):
    got = read(letters.of_post(post, ANN, NOW))
    assert got["Subject"] == "A new post"
    assert got["From"].addresses[0].addr_spec == SENDER
    for kind in ("plain", "html"):
        text = text_of(got, kind)
        for said in ("A new post", "What it says.", f"{BASE_URL}/blog/new/", IMPRINT, BASE_URL):
            assert said in text
    assert letters.keys.subscriber_id(Purpose.LEAVE, token_in(text_of(got), "leave")) == ANN.id
    assert got["Auto-Submitted"] is None


def test_programs_can_unsubscribe(letters, post):
    data = letters.of_post(post, ANN, NOW).as_bytes()
    token = letters.keys.token(Purpose.LEAVE, ANN.id)
    link = f"List-Unsubscribe: <{BASE_URL}/newsletter/leave/{token}>\r\n"
    assert link.encode() in data
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in data
    assert b"\r\nList-Id: <en.newsletter.chat.example.org>\r\n" in data


def test_two_letters_of_one_post_have_one_id(letters, post):
    ids = [read(letters.of_post(post, ANN, NOW))["Message-ID"] for _ in range(2)]
    others = replace(post, key="en/blog/other"), replace(ANN, id="B" * 22)
    assert ids[0] == ids[1]
    assert read(letters.of_post(others[0], ANN, NOW))["Message-ID"] != ids[0]
    assert read(letters.of_post(post, others[1], NOW))["Message-ID"] != ids[0]


@pytest.mark.parametrize(
    "title",
    [
        "Почему небо голубое, а закат всегда бывает красным и никогда зелёным?",
        "لماذا السماء زرقاء؟",
    ],
)
def test_titles_in_other_scripts_arrive(letters, post, title):
    data = letters.of_post(replace(post, title=title), ANN, NOW).as_bytes()
    assert data.isascii()
    assert message_from_bytes(data, policy=default)["Subject"] == title


def test_a_title_makes_no_header_and_no_tag(letters, post):
    evil = replace(post, title="A\r\nBcc: evil@example.org", summary="<script>alert(1)</script>")
    got = read(letters.of_post(evil, ANN, NOW))
    assert got["Bcc"] is None
    assert "<script>" not in text_of(got, "html")


def test_whoever_asked_is_asked_to_confirm(letters):
    pending = replace(ANN, standing=Standing.PENDING)
    got = read(letters.confirmation(pending, NOW, "unique"))
    token = token_in(text_of(got), "confirm")
    assert letters.keys.subscriber_id(Purpose.CONFIRM, token) == ANN.id
    assert got["Auto-Submitted"] == "auto-generated"
    assert IMPRINT in text_of(got)


def test_whoever_gets_letters_already_is_told_so(letters):
    got = read(letters.confirmation(ANN, NOW, "unique"))
    assert letters.keys.subscriber_id(Purpose.LEAVE, token_in(text_of(got), "leave")) == ANN.id


def test_letters_come_in_every_language(letters, post, templates):
    for language in templates.languages:
        subscriber = replace(ANN, language=language.code)
        for got in (
            letters.of_post(post, subscriber, NOW),
            letters.confirmation(subscriber, NOW, "x"),
        ):
            link = f"{BASE_URL}{language.root}/newsletter/leave/"
            assert link in text_of(read(got))


def test_a_token_serves_its_purpose_only(letters):
    keys = letters.keys
    token = keys.token(Purpose.CONFIRM, ANN.id)
    assert ANN.mailbox not in token
    assert keys.subscriber_id(Purpose.CONFIRM, token) == ANN.id
    assert keys.subscriber_id(Purpose.LEAVE, token) is None
    assert NewsletterKeys("t" * 32).subscriber_id(Purpose.CONFIRM, token) is None
    for bad in ("", ".", "x", token[:-1], f"{ANN.id}.", "\udcff", f"é{token}"):
        assert keys.subscriber_id(Purpose.CONFIRM, bad) is None


def test_a_mailbox_is_known_however_it_is_written():
    keys = NewsletterKeys(SECRET)
    assert keys.mailbox_hash("Ann@example.org") == keys.mailbox_hash("ann@example.org")
    assert keys.mailbox_hash("ann@example.org") != keys.mailbox_hash("eve@example.org")
    assert "ann" not in keys.mailbox_hash("ann@example.org")
