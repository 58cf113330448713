"""How many questions a day the whole service takes."""

import html

import pytest

from harness.behaviours import FAULTS, answer
from kindlechat.reply import State
from kindlechat.web.services import EXTENSION
from tests.intake.readers import ask, ended, reader_of


class TestTheDailyLimit:
    @pytest.fixture
    def app(self, open_app):
        return open_app(KINDLECHAT_DAILY_LIMIT="3")

    def use_up(self, app):
        statuses = [ask(reader_of(app, f"192.0.2.{n}")).status_code for n in range(5)]
        assert statuses == [303, 303, 303, 429, 429]

    def test_it_holds_for_the_whole_service(self, app, open_app):
        self.use_up(app)
        assert (
            ask(reader_of(open_app(KINDLECHAT_DAILY_LIMIT="3"), "198.51.100.1")).status_code == 429
        )
        assert ask(reader_of(open_app(KINDLECHAT_DAILY_LIMIT="off"))).status_code == 303

    def test_readers_are_told_in_their_language(self, app):
        self.use_up(app)
        templates = app.extensions[EXTENSION].templates
        for language in templates.languages:
            told = templates.localized(language.code).sentence("error.daily_limit", n=24)
            page = reader_of(app).post(f"{language.root}/ask", data={"message": "Mine?"})
            assert page.status_code == 429
            assert told in html.unescape(page.text)
            assert "Mine?" in page.text
            refused = reader_of(app).post(f"{language.root}/api/replies", json={"message": "Mine?"})
            assert refused.json["error"] == {"code": "daily_limit", "message": told}
            assert 0 < int(refused.headers["Retry-After"]) <= 86_400

    def test_the_log_is_told_once(self, app, open_app, caplog):
        self.use_up(app)
        self_again = open_app(KINDLECHAT_DAILY_LIMIT="3")
        assert ask(reader_of(self_again, "198.51.100.1")).status_code == 429
        told = [line for line in caplog.messages if "KINDLECHAT_DAILY_LIMIT" in line]
        assert len(told) == 1

    def test_a_day_later_there_is_room_again(self, app, clock):
        self.use_up(app)
        clock.forward(86_400)
        self.use_up(app)

    def test_what_is_refused_otherwise_does_not_count(self, open_app):
        app = open_app(KINDLECHAT_DAILY_LIMIT="3", KINDLECHAT_RATE_LIMIT="1/minute")
        for _ in range(5):
            ask(reader_of(app), idempotency_key="a")
            ask(reader_of(app), idempotency_key="b")
        assert [ask(reader_of(app, f"192.0.2.{n}")).status_code for n in range(100, 103)] == [
            *(303, 303, 429),
        ]

    def test_going_on_and_asking_again_count(self, app, upstream):
        upstream.script(answer("Half", finish="MAX_TOKENS"))
        reader = reader_of(app)
        made = reader.post("/api/replies", json={"message": "Why?"}).json
        ended(app, made["conversation"])
        for path in ("continue", "again"):
            assert reader.post(f"/c/{made['conversation']}/{path}").status_code == 303
            ended(app, made["conversation"])
        assert reader.post(f"/c/{made['conversation']}/again").status_code == 429

    def test_a_request_sent_again_counts(self, open_app, upstream):
        app = open_app(KINDLECHAT_DAILY_LIMIT="2")
        upstream.script(FAULTS["busy"])
        made = reader_of(app).post("/api/replies", json={"message": "Why?"}).json
        assert ended(app, made["conversation"]).state is State.FAILED
        assert len(upstream.requests) == 2
        assert ask(reader_of(app)).status_code == 429
