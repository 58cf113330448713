"""Which requests come from one reader: strangers never share a conversation."""

import re

import pytest

from harness.behaviours import Gate
from kindlechat.relay import new_id
from tests.intake.readers import HOME, ask, reader_of

KEY = re.compile(r'name="idempotency_key" value="(.*?)"')


class TestStrangers:
    """Two readers who ask the same are two; one who presses twice has asked once."""

    @pytest.fixture
    def slow(self, open_app, upstream):
        """Have answers stay under way for as long as the test runs."""
        gate = Gate(1)
        upstream.script(gate)
        yield
        gate.give(1)

    def test_a_class_that_asks_the_same_has_a_conversation_each(self, app, slow, clock):
        places = set()
        for _ in range(3):
            places.add(ask(reader_of(app)).headers["Location"])
            clock.forward(4)
        assert len(places) == 3

    def test_a_second_press_within_four_seconds_is_the_same(self, app, slow, clock):
        first = ask(reader_of(app))
        clock.forward(3.5)
        assert ask(reader_of(app)).headers["Location"] == first.headers["Location"]

    @pytest.mark.parametrize("key", ["", "short", "k" * 22])
    def test_a_second_press_with_the_cookie_of_the_first_answer_is_the_same(self, app, slow, key):
        browser = app.test_client()
        places = {ask(browser, idempotency_key=key).headers["Location"] for _ in range(3)}
        assert len(places) == 1

    @pytest.mark.parametrize("key", ["", "short", "k" * 22])
    def test_a_reader_with_a_cookie_is_not_one_who_has_none_yet(self, app, slow, key):
        browser = app.test_client()
        ask(browser, "Something else?")
        first = ask(app.test_client(), idempotency_key=key).headers["Location"]
        assert ask(browser, idempotency_key=key).headers["Location"] != first

    def test_a_program_that_keeps_cookies_asks_once(self, app, slow):
        program = app.test_client()
        sent = {"json": {"message": "Why?"}, "headers": {"Idempotency-Key": "k" * 22}}
        assert len({program.post("/api/replies", **sent).json["id"] for _ in range(2)}) == 1

    @pytest.mark.parametrize(
        "other",
        [{"address": "192.0.2.8"}, {"user_agent": "Another"}, {"cookie": "a=1"}],
        ids=["network", "browser", "cookie"],
    )
    @pytest.mark.parametrize("form", [{}, {"idempotency_key": "short"}], ids=["no key", "a key"])
    def test_another_reader_is_another(self, app, slow, other, form):
        places = {ask(reader_of(app, **each), **form).headers["Location"] for each in ({}, other)}
        assert len(places) == 2

    @pytest.mark.parametrize("other", [{"user_agent": "Another"}, {"cookie": "a=1"}])
    def test_no_key_crosses_readers(self, app, slow, other):
        form = {"idempotency_key": new_id()}
        places = {ask(reader_of(app, **each), **form).headers["Location"] for each in ({}, other)}
        assert len(places) == 2

    def test_no_key_of_a_program_crosses_readers(self, app, slow):
        made = {
            reader_of(app, authorization=f"Bearer {token}", idempotency_key="k" * 22)
            .post("/api/replies", json={"message": "Why?"})
            .json["id"]
            for token in ("mine", "yours")
        }
        assert len(made) == 2

    def test_every_page_that_is_made_for_one_reader_has_a_key_of_its_own(self, open_app):
        app = open_app(KINDLECHAT_RATE_LIMIT="1/minute")
        reader = reader_of(app)
        place = ask(reader).headers["Location"]
        pages = [
            *(reader.get(path).text for path in (place, f"{place}/live", "/?r=4", "/plain/?r=4")),
            ask(reader, "Too many?").text,
        ]
        keys = [key for page in pages for key in KEY.findall(page)]
        assert len({*keys}) == len(pages)
        assert all(len(key) == 22 for key in keys)

    def test_a_page_that_caches_keep_has_none(self, app):
        assert KEY.findall(reader_of(app).get("/", buffered=True).text) == [""]

    def test_the_passcodes_page_has_a_key(self, open_app):
        reader = reader_of(open_app(KINDLECHAT_PASSCODE="open-sesame"))
        (key,) = KEY.findall(ask(reader).text)
        form = {"passcode": "open-sesame", "message": "Why?", "idempotency_key": key}
        assert len({reader.post("/passcode", data=form).headers["Location"] for _ in range(2)}) == 1

    def test_a_press_at_the_passcodes_page_counts_once_with_cookies(self, open_app):
        browser = open_app(KINDLECHAT_PASSCODE="open-sesame").test_client()
        form = {"passcode": "open-sesame", "message": "Why?", "idempotency_key": new_id()}
        places = {browser.post("/passcode", data=form).headers["Location"] for _ in range(2)}
        assert len(places) == 1

    def test_a_reader_on_the_way_keeps_a_key(self, app, slow):
        form = {"idempotency_key": new_id()}
        places = {
            ask(reader_of(app, address), **form).headers["Location"]
            for address in (HOME, "198.51.100.3")
        }
        assert len(places) == 1
