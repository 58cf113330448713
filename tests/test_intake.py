"""What questions cost and who may ask them, and what views read: the application within this process."""

from collections import Counter

import pytest

from harness.servers import eventually
from harness.upstream import Upstream, answer, counting
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.settings import Settings
from kindlechat.stores.contract import Store
from kindlechat.web.app import create_app
from kindlechat.web.services import EXTENSION
from tests.store_contract import new_reply, text_of

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
