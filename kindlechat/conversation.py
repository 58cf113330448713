"""A conversation: what was said so far, and how much of it the model is shown (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from kindlechat.reply import Message, Reply

MAX_HISTORY_MESSAGES = 40
"""20 questions and answers: each message that is sent along is paid for again."""

MAX_HISTORY_CHARS = 60_000


@dataclass(frozen=True)
class Conversation:
    """A conversation as a reader sees it: the history that a client brought, then its turns, oldest
    first."""

    id: str
    seed: tuple[Message, ...]
    replies: tuple[Reply, ...]

    def messages_before(self, reply_id: str | None = None) -> list[Message]:
        """What the model is shown as history: all before a reply (or all there is), in order.

        A question whose reply has no text is left out with it: nothing was said to it.
        """
        messages = list(self.seed)
        for reply in self.replies:
            if reply.id == reply_id:
                break
            if reply.text:
                messages += [Message("user", reply.question), Message("model", reply.text)]
        return messages


def bound_history(
    history: Sequence[Message],
    max_messages: int = MAX_HISTORY_MESSAGES,
    max_chars: int = MAX_HISTORY_CHARS,
) -> list[Message]:
    """The newest part of a history that keeps to the bounds and begins with a question.

    Whole messages are left out, the oldest first.
    """
    kept: list[Message] = []
    chars = 0
    for message in reversed(history[-max_messages:] if max_messages else []):
        chars += len(message.text)
        if chars > max_chars:
            break
        kept.append(message)
    while kept and kept[-1].role == "model":
        kept.pop()
    return kept[::-1]
