"""Second names: of a conversation for those who may write it, of a share for those who read it (pure)."""

import base64
import binascii
import hmac
from collections.abc import Sequence

ROUNDS = (0, 1, 2, 3)
HALF_BYTES = 8


class SecondNames:
    """Turns an id into its second name and back, both 128 bits in 22 URL-safe characters.

    A keyed permutation: without the secret neither tells anything of the other, so an address with one
    can be passed on, and what is looked up by one is found by the other, which nobody can try out letter by
    letter. Nothing has to be stored, so whoever presses a button again is led to the same name. Four rounds
    of a Feistel network over HMAC-SHA-256 (Luby and Rackoff, 1988).
    """

    def __init__(self, secret: str, purpose: str) -> None:
        """Each `purpose` has other names for the same ids."""
        self._secret = hmac.digest(secret.encode(), purpose.encode(), "sha256")

    def name_of(self, id_: str) -> str | None:
        """The second name of an id; None for what is no id of ours."""
        return self._permuted(id_, ROUNDS)

    def id_of(self, name: str) -> str | None:
        """The id that has this second name, if it is one; None otherwise."""
        return self._permuted(name, ROUNDS[::-1])

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
