"""What counts against limits, and what does not."""

from harness.behaviours import Gate, answer
from kindlechat.relay import new_id
from tests.intake.readers import ask, conversation_in, ended, reader_of


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
        gate = Gate(1)
        upstream.script(gate, answer())
        reader = reader_of(app)
        first = conversation_in(ask(reader))
        assert [ask(reader, f"{n}?").status_code for n in range(3)] == [429] * 3
        gate.give(1)
        ended(app, first)
        second = ask(reader, "Second?")
        assert second.status_code == 303
        ended(app, conversation_in(second))
        assert ask(reader, "Third?").status_code == 303
