"""What of the store a view reads."""

from collections import Counter

import pytest

from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.stores.contract import Store
from tests.intake.readers import ask, ended, reader_of, store_of
from tests.stores.values import new_reply, text_of


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
        page = reader_of(app).get(f"/c/{conversation}?screen=1", follow_redirects=True).text
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
