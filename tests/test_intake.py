"""What questions cost and who may ask them, and what views read: the application within this process."""

import hashlib
import html
from collections import Counter
from itertools import accumulate

import pytest

from harness.servers import eventually
from harness.upstream import FAULTS, Upstream, answer, counting
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.settings import Settings
from kindlechat.stores.contract import Store
from kindlechat.web.app import create_app
from kindlechat.web.services import EXTENSION
from tests.store_contract import Clock, new_reply, text_of

HOME = "192.0.2.7"


@pytest.fixture(scope="module")
def upstream():
    with Upstream() as upstream:
        yield upstream


@pytest.fixture
def open_app(site, upstream, tmp_path):
    """Make applications that share a folder; the environment lifts all limits unless it says otherwise."""

    def open_one(**environment):
        settings = {
            "GEMINI_BASE_URL": upstream.base_url,
            "GEMINI_API_KEY": "a-key",
            "KINDLECHAT_DATA": str(tmp_path / "data"),
            "KINDLECHAT_RATE_LIMIT": "off",
            "KINDLECHAT_REPLIES_AT_ONCE": "off",
        }
        return create_app(Settings.from_env(settings | environment))

    upstream.script(answer("Because."))
    upstream.requests.clear()
    return open_one


@pytest.fixture
def app(open_app):
    return open_app()


def store_of(app):
    return app.extensions[EXTENSION].store


def reader_of(app, address=HOME, **headers):
    """A browser at this address, without cookies."""
    client = app.test_client(use_cookies=False)
    client.environ_base |= {"REMOTE_ADDR": address, "HTTP_USER_AGENT": "A browser"}
    client.environ_base |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return client


def ask(reader, message="Why?", **form):
    return reader.post("/ask", data={"message": message, **form})


def ended(app, conversation):
    """Wait for the end of the last reply of a conversation; returns its outline."""
    eventually(lambda: store_of(app).outline(conversation).replies[-1].state.ended)
    return store_of(app).outline(conversation).replies[-1]


def conversation_in(response):
    return response.headers["Location"].rpartition("/")[2]


class TestWhatCounts:
    def test_a_press_sent_again_counts_once(self, open_app):
        reader = reader_of(open_app(KINDLECHAT_RATE_LIMIT="3/minute"))
        form = {"idempotency_key": new_id()}
        assert len({ask(reader, **form).headers["Location"] for _ in range(5)}) == 1
        assert [ask(reader, f"Other {n}?").status_code for n in range(3)] == [303, 303, 429]
        assert ask(reader, **form).status_code == 303

    def test_a_press_sent_again_counts_once_in_the_api(self, open_app):
        reader = reader_of(open_app(KINDLECHAT_RATE_LIMIT="2/minute"))

        def post(key):
            headers = {"Idempotency-Key": key}
            return reader.post("/api/replies", json={"message": "Why?"}, headers=headers)

        key, other = new_id(), new_id()
        assert len({post(key).json["id"] for _ in range(4)}) == 1
        assert [post(other).status_code, post(new_id()).status_code] == [201, 429]

    def test_continue_that_is_refused_counts_against_nothing(self, open_app):
        app = open_app(KINDLECHAT_RATE_LIMIT="2/minute")
        reader = reader_of(app)
        made = reader.post("/api/replies", json={"message": "Why?"}).json
        ended(app, made["conversation"])
        for _ in range(4):
            refused = reader.post(f"/api/replies/{made['id']}/continue")
            assert (refused.status_code, refused.json["error"]["code"]) == (
                *(409, "nothing_to_continue"),
            )
            assert reader.post(f"/c/{made['conversation']}/continue").status_code == 303
        assert [ask(reader, f"{n}?").status_code for n in range(2)] == [303, 429]

    def test_a_question_that_is_refused_counts_against_nothing(self, open_app, upstream):
        app = open_app(KINDLECHAT_RATE_LIMIT="3/minute", KINDLECHAT_REPLIES_AT_ONCE="1")
        upstream.script(counting(3, 0.2))
        reader = reader_of(app)
        first = conversation_in(ask(reader))
        assert [ask(reader, f"{n}?").status_code for n in range(3)] == [429] * 3
        ended(app, first)
        second = ask(reader, "Second?")
        assert second.status_code == 303
        ended(app, conversation_in(second))
        assert ask(reader, "Third?").status_code == 303


class TestStrangers:
    """Two readers who ask the same are two; one who presses twice has asked once."""

    @pytest.fixture
    def clock(self, app, monkeypatch):
        clock = Clock()
        monkeypatch.setattr(store_of(app), "_clock", clock)
        return clock

    @pytest.fixture
    def slow(self, upstream):
        upstream.script(counting(200, 0.05))

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

    def test_a_reader_on_the_way_keeps_a_key(self, app, slow):
        form = {"idempotency_key": new_id()}
        places = {
            ask(reader_of(app, address), **form).headers["Location"]
            for address in (HOME, "198.51.100.3")
        }
        assert len(places) == 1


class TestGuesses:
    """A passcode cannot be guessed from many networks, and guessing shuts out nobody who is in."""

    PASSCODE = "korrekt-пароль"

    @pytest.fixture
    def app(self, open_app):
        return open_app(KINDLECHAT_PASSCODE=self.PASSCODE)

    def guess(self, app, address, passcode="wrong"):
        return reader_of(app, address).post("/passcode", data={"passcode": passcode})

    def statuses(self, app, addresses):
        return Counter(self.guess(app, address).status_code for address in addresses)

    def test_a_neighbourhood_of_networks_is_one_guesser(self, app):
        networks = (f"2001:db8:1:{n:x}::1" for n in range(256))
        assert self.statuses(app, networks) == {401: 20, 429: 236}
        assert self.guess(app, "2001:db8:1:ffff::1", self.PASSCODE).status_code == 429
        assert self.guess(app, "2001:db8:2::1").status_code == 401

    def test_an_old_networks_neighbours_are_one_guesser(self, app):
        assert self.statuses(app, (f"203.0.113.{n}" for n in range(50))) == {401: 20, 429: 30}

    def test_everybody_together_guesses_so_often(self, app):
        neighbourhoods = (f"2001:db8:{n:x}::1" for n in range(100))
        assert self.statuses(app, neighbourhoods) == {401: 30, 429: 70}
        assert self.guess(app, "2001:db8:ffff::1", self.PASSCODE).status_code == 429

    def test_who_goes_on_waits_ever_longer(self, app, monkeypatch):
        clock, waits, guessed = Clock(), [], 0
        monkeypatch.setattr(store_of(app), "_clock", clock)
        while max(waits, default=0) < 12 * 3600:
            answer = self.guess(app, f"2001:db8:{guessed:x}::1")
            guessed += answer.status_code == 401
            if answer.status_code == 429:
                waits.append(int(answer.headers["Retry-After"]))
                clock.forward(waits[-1])
        assert guessed == 400
        assert waits[0] == 60
        longest = sorted({*accumulate(waits, max)})
        assert [wait // 60 for wait in longest][:2] == [1, 9]
        assert len(longest) == 4

    def test_who_is_in_is_not_shut_out(self, app):
        reader = app.test_client()
        reader.environ_base |= {"REMOTE_ADDR": HOME}
        assert reader.post("/passcode", data={"passcode": self.PASSCODE}).status_code == 303
        program = reader_of(app, "192.0.2.99", authorization=self.bearer("utf-8"))
        assert program.post("/api/replies", json={"message": "Before?"}).status_code == 201
        self.statuses(app, (f"2001:db8:{n:x}::1" for n in range(40)))
        self.statuses(app, (f"192.0.2.{n}" for n in range(100, 140)))
        assert ask(reader).status_code == 303
        assert program.post("/api/replies", json={"message": "After?"}).status_code == 201

    def bearer(self, encoding):
        return f"Bearer {self.PASSCODE}".encode(encoding).decode("latin-1")

    def test_a_passcode_in_any_script_works_as_bearer(self, app, open_app):
        program = reader_of(app, authorization=self.bearer("utf-8"))
        assert program.post("/api/replies", json={"message": "Why?"}).status_code == 201
        western = open_app(KINDLECHAT_PASSCODE="Überraum")
        for encoding in ("utf-8", "latin-1"):
            sent = "Bearer Überraum".encode(encoding).decode("latin-1")
            program = reader_of(western, authorization=sent)
            assert program.post("/api/replies", json={"message": "Why?"}).status_code == 201

    def test_the_cookie_does_not_give_the_passcode_away(self, app):
        """Whoever has it cannot try passcodes on it without the server's secret."""
        cookie = self.guess(app, HOME, self.PASSCODE).headers["Set-Cookie"]
        assert hashlib.sha256(self.PASSCODE.encode()).hexdigest()[:16] not in cookie

    def test_a_new_passcode_ends_the_old_ones_cookies(self, app, open_app):
        cookie = self.guess(app, HOME, self.PASSCODE).headers["Set-Cookie"].partition(";")[0]
        assert ask(reader_of(app, cookie=cookie)).status_code == 303
        changed = open_app(KINDLECHAT_PASSCODE="another-one")
        assert ask(reader_of(changed, cookie=cookie)).status_code == 401


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

    @pytest.mark.parametrize("code", ["", "de", "es", "fr", "it", "nl", "ru"])
    def test_readers_are_told_in_their_language(self, app, code):
        self.use_up(app)
        sentence = app.extensions[EXTENSION].templates.localized(code or "en").sentence
        told = sentence("error.daily_limit", n=24)
        root = f"/{code}" if code else ""
        page = reader_of(app).post(f"{root}/ask", data={"message": "Mine?"})
        assert page.status_code == 429
        assert told in html.unescape(page.text)
        assert "Mine?" in page.text
        refused = reader_of(app).post(f"{root}/api/replies", json={"message": "Mine?"})
        assert refused.json["error"] == {"code": "daily_limit", "message": told}
        assert 0 < int(refused.headers["Retry-After"]) <= 86_400

    def test_the_log_is_told_once(self, app, open_app, caplog):
        self.use_up(app)
        self_again = open_app(KINDLECHAT_DAILY_LIMIT="3")
        assert ask(reader_of(self_again, "198.51.100.1")).status_code == 429
        told = [line for line in caplog.messages if "KINDLECHAT_DAILY_LIMIT" in line]
        assert len(told) == 1

    def test_a_day_later_there_is_room_again(self, app, monkeypatch):
        clock = Clock()
        monkeypatch.setattr(store_of(app), "_clock", clock)
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


class TestWhatIsRead:
    """A view reads what it shows, however much there is."""

    @pytest.fixture
    def reads(self, app, monkeypatch):
        """Counts calls of the store by name, and the characters of the texts that came."""
        reads, store = Counter(), store_of(app)

        def counted(name, method):
            def call(*args, **options):
                found = method(*args, **options)
                reads[name] += 1
                if name in ("reply", "replies"):
                    replies = found.values() if name == "replies" else filter(None, [found])
                    reads["chars"] += sum(len(reply.text) for reply in replies)
                return found

            return call

        for name in Store.__abstractmethods__:
            monkeypatch.setattr(store, name, counted(name, getattr(store, name)))
        return reads

    @pytest.fixture
    def talk(self, app):
        """A conversation of 60 long answers, and a short one at the end."""
        store, conversation = store_of(app), new_id()
        for n in range(61):
            new = new_reply(
                conversation=conversation, seed=None if n else (), question=f"Question {n + 1}?"
            )
            store.create_reply(new)
            text = f"Answer {n + 1}. " + "word " * (6000 if n < 60 else 1)
            store.write([text_of(new, text, state=State.DONE)])
        return conversation, new.id

    def test_a_page_reads_the_turns_that_it_shows(self, app, talk, reads):
        conversation, _ = talk
        page = reader_of(app).get(f"/c/{conversation}?screen=1").text
        assert "Answer 61." in page
        assert "Question 60?" in page
        assert reads["chars"] < 100
        page = reader_of(app).get(f"/c/{conversation}?turn=30").text
        assert "Answer 30." in page
        assert reads["chars"] < 31_000

    def test_a_question_reads_what_the_model_is_shown(self, app, talk, reads, upstream):
        conversation, _ = talk
        ask(reader_of(app), "And?", conversation=conversation)
        ended(app, conversation)
        assert reads["chars"] <= 60_000
        contents = upstream.requests[-1].body["contents"]
        said = [content["parts"][0]["text"] for content in contents]
        assert [text[:10] for text in said] == [
            *("Question 6", "Answer 60.", "Question 6", "Answer 61.", "And?"),
        ]

    def test_a_poll_of_an_ended_reply_reads_the_store_once(self, app, talk, reads):
        _, reply = talk
        for query in ({}, {"format": "html"}):
            reads.clear()
            polled = reader_of(app).get(f"/api/replies/{reply}", query_string=query).json
            assert polled["state"] == "done"
            assert {name: n for name, n in reads.items() if name != "chars"} == {"reply": 1}

    def test_stop_reads_no_text(self, app, talk, reads):
        _, reply = talk
        assert reader_of(app).post(f"/api/replies/{reply}/stop").status_code == 204
        assert reads["chars"] == 0
