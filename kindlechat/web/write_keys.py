"""The second name of a conversation: whoever addresses it by this one may write it (pure)."""

import base64
import binascii
import hmac
from collections.abc import Sequence

ROUNDS = (0, 1, 2, 3)
HALF_BYTES = 8


class WriteKeys:
    """Turns a conversation's id into its write key and back, both 128 bits in 22 URL-safe characters.

    A keyed permutation: without the secret the id tells nothing of the key, so an address with the id
    can be passed on. Nothing has to be stored, so whoever presses a button again is led to the same
    key. Four rounds of a Feistel network over HMAC-SHA-256 (Luby and Rackoff, 1988).
    """

    def __init__(self, secret: str) -> None:
        self._secret = hmac.digest(secret.encode(), b"write key", "sha256")

    def key_of(self, conversation_id: str) -> str | None:
        """The write key of a conversation; None for what is no id of ours."""
        return self._permuted(conversation_id, ROUNDS)

    def conversation_of(self, key: str) -> str | None:
        """The id of the conversation that a write key belongs to, if it is one; None otherwise."""
        return self._permuted(key, ROUNDS[::-1])

    def _permuted(self, name: str, rounds: Sequence[int]) -> str | None:
        data = _decoded(name)
        if data is None:
            return None
        left, right = data[:HALF_BYTES], data[HALF_BYTES:]
        for number in rounds:
            left, right = right, _xor(left, self._scrambled(right, number))
        return _encoded(right + left)

    def _scrambled(self, half: bytes, number: int) -> bytes:
        return hmac.digest(self._secret, bytes([number]) + half, "sha256")[:HALF_BYTES]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _decoded(name: str) -> bytes | None:
    """The bytes of an id; None where it is none, or is not written in the one way that ids are."""
    try:
        data = base64.urlsafe_b64decode(f"{name}==")
    except (ValueError, binascii.Error):
        return None
    return data if len(data) == 2 * HALF_BYTES and _encoded(data) == name else None


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
