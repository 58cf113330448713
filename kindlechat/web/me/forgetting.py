"""Forgets a reader: deletes all that is kept of one."""

import time
from contextlib import suppress

from kindlechat.conversation import Owned
from kindlechat.errors import UnknownReply
from kindlechat.web.reader.identity import owner_hash
from kindlechat.web.services import services

LOOKED_AT = 50
"""Among so many of the conversations that were written last are those in which an answer is being written."""

STOPPED_WITHIN_S = 2.0
"""So long what is being written has time to end. Who writes it elsewhere asks the store for news, and would
take what is deleted for lost by the store, and write on."""


def forget(reader_id: str) -> None:
    """Delete a reader's conversations, keys and mailbox, and end the pair with a phone.

    Raises StoreUnavailable. What is being written is stopped first, as it would cost on.
    """
    owner, store = owner_hash(reader_id), services().store
    pair = store.pair_of(owner)
    if pair is not None:
        store.end_pair(pair)
    _stop([id_ for each in store.list_owned(owner, LOOKED_AT) for id_ in _under_way(each)])
    store.delete_owned(owner)
    store.forget_reader(owner)


def _under_way(owned: Owned) -> list[str]:
    outline = services().store.outline(owned.id)
    return [reply.id for reply in outline.replies if not reply.state.ended] if outline else []


def _stop(reply_ids: list[str]) -> None:
    """End these replies, wherever they are written."""
    relay, until = services().relay, time.monotonic() + STOPPED_WITHIN_S
    for reply_id in reply_ids:
        with suppress(UnknownReply):
            relay.stop(reply_id)
    for reply_id in reply_ids:
        with suppress(UnknownReply):
            relay.wait_for_end(reply_id, until - time.monotonic())
