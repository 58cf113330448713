"""Conversations for tests and benches."""

from collections.abc import Iterable

from kindlechat.conversation import Excerpt, Outline, ReplyOutline, Rights
from kindlechat.relay import new_id
from kindlechat.reply import Reply, State
from kindlechat.stores.contract import NewReply, Store, Write


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


def keep_conversation(store: Store, texts: Iterable[str], rights: Rights) -> str:
    """Put a conversation of these answers into a store; returns its id."""
    conversation = new_id()
    for number, text in enumerate(texts):
        new = NewReply(
            id=new_id(),
            conversation=conversation,
            question=f"Why is the sky blue, for the {number}th time?",
            lease=new_id(),
            client_hash="bench",
            seed=None if number else (),
            rights=rights,
        )
        store.create_reply(new)
        store.write([Write(new.id, new.lease, 0, text, State.DONE, None)])
    return conversation
