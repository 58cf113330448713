"""Conversations for tests and benches."""

from kindlechat.conversation import Excerpt, Outline, ReplyOutline
from kindlechat.reply import Reply
from kindlechat.stores.contract import Store


def excerpt_of(*replies: Reply) -> Excerpt:
    """A conversation of these replies, oldest first, all of them read."""
    outlines = (
        ReplyOutline(reply.id, reply.question, len(reply.text), reply.state, reply.reason)
        for reply in replies
    )
    return Excerpt(
        Outline(replies[0].conversation, tuple(outlines)), {reply.id: reply for reply in replies}
    )


def read_all(store: Store, conversation_id: str) -> list[Reply]:
    """All replies of a conversation, oldest first, with their texts."""
    outline = store.outline(conversation_id)
    ids = [reply.id for reply in outline.replies] if outline else []
    found = store.replies(ids)
    return [found[reply_id] for reply_id in ids]
