"""Forgets a reader: deletes all that is kept of one."""

from kindlechat.conversation import Owned
from kindlechat.web.reader.identity import owner_hash
from kindlechat.web.services import services

LOOKED_AT = 50
"""Among so many of the conversations that were written last are those in which an answer is being written."""


def forget(reader_id: str) -> None:
    """Delete a reader's conversations, keys and mailbox, and end the pair with a phone.

    Raises StoreUnavailable. What is being written is stopped first, as it would cost on.
    """
    owner, store = owner_hash(reader_id), services().store
    pair = store.pair_of(owner)
    if pair is not None:
        store.end_pair(pair)
    for each in store.list_owned(owner, LOOKED_AT):
        _stop(each)
    store.delete_owned(owner)
    store.forget_reader(owner)


def _stop(owned: Owned) -> None:
    outline = services().store.outline(owned.id)
    for reply in outline.replies if outline else ():
        if not reply.state.ended:
            services().relay.stop(reply.id)
