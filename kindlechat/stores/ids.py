"""Ids of replies: they begin as their conversation's does, so that both lead to the same part of a store."""

import secrets

SLOT_CHARS = 4
"""So much the ids of a conversation and of its replies have in common: three bytes."""

RANDOM_BYTES = 13
"""What nobody can guess of a reply's id, whoever knows the conversation's."""


def new_reply_id(conversation_id: str) -> str:
    """An id for a reply of this conversation: 128 bits in 22 URL-safe characters, as all ids."""
    return conversation_id[:SLOT_CHARS] + secrets.token_urlsafe(RANDOM_BYTES)
