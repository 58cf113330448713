"""How much of a conversation the model is shown."""

from kindlechat.conversation import bound_history
from kindlechat.reply import Message


def test_history_drops_the_oldest_and_begins_with_a_question():
    history = [
        Message("user", "1"),
        Message("model", "2"),
        Message("user", "3"),
        Message("model", "4"),
    ]
    assert bound_history(history, max_messages=3) == history[2:]
    assert bound_history(history, max_chars=3) == history[2:]
    assert bound_history(history, max_messages=0) == []
    assert bound_history([Message("model", "x" * 70_000)]) == []
