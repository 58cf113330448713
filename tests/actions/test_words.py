"""Word mode: each word of an answer leads to its meaning, which is kept in a list."""

import re
from dataclasses import replace
from html import unescape

import pytest

from harness import behaviours as up
from harness.waiting import eventually
from kindlechat.actions.meaning import ask_meaning, word_asked_for
from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.answer.tree import text_of, to_html
from kindlechat.rendering.answer.words import link_words, word_of, words_in
from kindlechat.stores.contract import Quota
from kindlechat.web.services import EXTENSION
from tests.actions.pages import address_of, ask, sent, tap
from tests.apps import HERE
from tests.cases import cases

TEXT = """\
It is *blue*. Don't ask why, it's air! See [the sea](https://sea.example).

```
no words
```

- One item
"""

NODES = Growing(60).nodes(TEXT, ended=True)


def words_of(text):
    return [text[start:end] for start, end in words_in(text)]


@cases(
    ("text", "words"),
    [
        ("Don't go well-read l’été.", ["Don't", "go", "well-read", "l’été"]),
        ("x = 42, ok?", ["x", "ok"]),
        ("हिन्दी में शब्द", ["हिन्दी", "में", "शब्द"]),
        ("天空是蓝的", list("天空是蓝的")),
        ("e\u0301tude", ["e\u0301tude"]),
        ("مرحبًا بك", ["مرحبًا", "بك"]),
        ("--- ...", []),
    ],
)
def test_words_are_found_in_every_script(text, words):
    assert words_of(text) == words


def test_each_word_is_a_link_and_no_letter_is_lost():
    linked = link_words(NODES, lambda number: f"word?n={number}")
    assert "".join(map(text_of, linked)) == "".join(map(text_of, NODES))
    html = to_html(linked)
    assert '<em><a href="word?n=3">blue</a></em>' in html
    assert "sea.example" not in html
    assert "no words" in html


def test_a_word_is_told_with_its_sentence():
    linked = to_html(link_words(NODES, str))
    for number, word in enumerate(re.findall(r'<a href="\d+">(.*?)</a>', linked), 1):
        assert word_of(NODES, number).word == unescape(word), number
    blue, ask_, item = word_of(NODES, 3), word_of(NODES, 5), word_of(NODES, 13)
    assert (blue.before, blue.after) == ("It is ", ". ".strip())
    assert ask_.sentence == "Don't ask why, it's air!"
    assert (item.before, item.word, item.after) == ("One ", "item", "")
    assert word_of(NODES, 99) is None


def test_what_is_asked_is_known_again():
    prompt = ask_meaning("The ", "sky", " is\n\nblue.", "German")
    assert "Answer in German" in prompt
    assert word_asked_for(prompt) == "sky"
    assert word_asked_for("What is the sky?") is None


@pytest.fixture
def page(reader):
    return ask(reader)


@pytest.fixture
def text_page(reader, page):
    """The address of the answer in word mode."""
    return unescape(re.search(r'id="words" href="([^"]+)"', page)[1])


def look_up(reader, text_page, word):
    """The page to which a word of a page in word mode leads."""
    html = reader.get(text_page).text
    link = re.search(rf'href="(word\?[^"]+)">{word}</a>', html)
    return reader.get(text_page.rpartition("/")[0] + "/" + unescape(link[1]))


def test_a_word_leads_to_its_meaning_and_back(reader, upstream, text_page):
    upstream.script(up.answer("The gas around the earth (noun)."))
    answer = look_up(reader, text_page, "air")
    assert "The gas around the earth (noun)." in answer.text
    assert "Because of the <b>air</b>." in answer.text
    assert sent(upstream).endswith("Because of the [[air]].")
    assert "follow-ups" not in str(upstream.requests[-1].body["systemInstruction"])
    back = unescape(re.search(r'id="back"[^>]* href="([^"]+)"', answer.text)[1])
    assert ">air</a>" in reader.get(back).text


def test_a_meaning_is_asked_for_once_and_is_on_the_list(reader, upstream, text_page):
    upstream.script(up.answer("A\tgas."))
    for _ in range(2):
        look_up(reader, text_page, "air")
    assert len(upstream.requests) == 2
    listed = reader.get("/conversations/words").text
    assert ">air</b>" in listed
    saved = reader.get("/conversations/words.tsv")
    assert saved.mimetype == "text/tab-separated-values"
    assert saved.text.splitlines()[-1] == "air\tBecause of the air.\tA gas.\ten"


def test_a_browser_without_cookies_has_a_list_too(app, reader, text_page):
    forgetful = app.test_client(use_cookies=False)
    answer = look_up(forgetful, text_page, "air").text
    address = re.search(r'id="vocabulary" href="([^"]+)"', answer)[1]
    assert ">air</b>" in forgetful.get(address).text
    assert "air\t" in forgetful.get(f"{address}.tsv").text
    read = re.search(
        r'href="(/c/[\w-]+)/1\.txt"', reader.get(text_page.removesuffix("/words")).text
    )
    assert forgetful.get(f"{read[1]}/vocabulary").status_code == 403


def test_a_word_can_be_taken_off_the_list(reader, text_page):
    answer = look_up(reader, text_page, "air").text
    form = re.search(r'action="([^"]+/forget-word)"', answer)[1]
    key = re.search(r'name="key" value="([^"]+)"', answer)[1]
    reader.post(form, data={"key": key}, headers=HERE)
    assert ">air</b>" not in reader.get("/conversations/words").text


def test_a_meaning_counts_as_a_question(app, reader, upstream, text_page, monkeypatch):
    spent = Quota("spent", 1, 60)
    app.store.count([spent])
    monkeypatch.setattr("kindlechat.web.gate.question_quotas", lambda: (spent,))
    assert look_up(reader, text_page, "air").status_code == 429
    assert len(upstream.requests) == 1


def test_a_failure_is_told_with_a_way_to_try_again(reader, upstream, text_page):
    upstream.script(up.http_error(403, "PERMISSION_DENIED", "no"))
    answer = look_up(reader, text_page, "air").text
    assert 'id="reason"' in answer
    assert 'id="again"' in answer
    assert "http-equiv" not in answer, "a page that loads itself would ask again and again"


def test_a_page_that_waits_for_a_meaning_comes_back_for_it(app, reader, upstream, text_page):
    gate = up.Gate(1)
    upstream.script(gate)
    services = app.extensions[EXTENSION]
    quick = replace(services, timings=replace(services.timings, page_wait_s=0.01))
    quick.register(app)
    waiting = look_up(reader, text_page, "air").text
    assert 'id="waiting"' in waiting
    gate.give(1)
    again = unescape(re.search(r'http-equiv="refresh" content="\d+; url=([^"]+)"', waiting)[1])
    eventually(lambda: "word1" in reader.get(again).text)
    assert len(upstream.requests) == 2
    services.register(app)


def test_who_only_reads_looks_up_nothing(app, reader, upstream, page):
    read = re.search(r'href="(/c/[\w-]+)/1\.txt"', reader.get(address_of(page)).text)[1]
    for address in ("words", "word?n=1"):
        assert app.test_client().get(f"{read}/{address}").status_code == 403
    assert len(upstream.requests) == 1


def test_another_site_cannot_have_words_looked_up(reader, upstream, text_page):
    address = text_page.rpartition("/")[0] + "/word?n=1"
    response = reader.get(address, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 303
    assert "/words?" in response.location
    assert len(upstream.requests) == 1


def test_nor_can_one_in_a_browser_that_does_not_say_whence_it_comes(
    app, reader, upstream, text_page
):
    """It may know the conversation's id, by which anybody reads, and the reader's cookie comes along."""
    with app.test_request_context():
        key = text_page.split("/")[-2]
        conversation = app.extensions[EXTENSION].write_keys.id_of(key)
    for headers, status in (({}, 303), ({"Sec-Fetch-Site": "same-origin"}, 200)):
        response = reader.get(f"/c/{conversation}/word?n=1", headers=headers)
        assert response.status_code == status
        assert len(upstream.requests) == (2 if status == 200 else 1)


@cases("query", ["n=0", "n=99", "n=x", "", "n=1&turn=2", "n=1&version=2"])
def test_a_word_that_is_not_there_is_unknown(reader, text_page, query):
    assert reader.get(f"{text_page.rpartition('/')[0]}/word?{query}").status_code == 404


def test_an_earlier_answer_has_words_too(reader, upstream, page):
    tap(reader, page, action="more")
    earlier = reader.get(address_of(page) + "?turn=1").text
    text_page = unescape(re.search(r'id="words" href="([^"]+)"', earlier)[1])
    upstream.script(up.answer("A gas."))
    assert "A gas." in look_up(reader, text_page, "air").text


def test_an_earlier_version_leads_back_to_itself(reader, page):
    again = f"{address_of(page)}/again"
    reader.post(again, data={"reply": ""}, headers=HERE)
    eventually(lambda: 'id="version-before"' in reader.get(address_of(page)).text)
    words_page = reader.get(f"{address_of(page)}/words?version=1").text
    back = unescape(re.search(r'<h1><a href="([^"]+)"', words_page)[1])
    assert back == f"{address_of(page)}?version=1"
    assert "words?version=1" in reader.get(back).text


def test_a_long_answer_has_pages_that_stay_light(reader, upstream):
    upstream.script(up.answer("Many words stand in this answer, one beside the other. " * 300))
    text_page = unescape(re.search(r'id="words" href="([^"]+)"', ask(reader))[1])
    first = reader.get(text_page)
    assert len(first.data) < 25_000, "with the style sheet it stays under 30 kB"
    following = unescape(re.search(r'id="next" href="([^"]+)"', first.text)[1])
    second = reader.get(following).text
    assert int(re.search(r"n=(\d+)\">", second)[1]) > 100
