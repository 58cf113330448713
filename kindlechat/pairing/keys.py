"""The secrets of a pair: made of its reader and a salt, known to the store by their hashes (pure)."""

import base64
from collections.abc import Callable

from kindlechat.pairing.codes import code_from
from kindlechat.stores.contract import Offer, Pair


class PairKeys:
    """Makes what the sides of a pair are known by: 128 bits each, but for the code, which stands for them.

    They are made anew whenever they are shown, so nothing of them is stored. Each hash has a purpose: what
    one side is known by is of no use for the other.
    """

    def __init__(self, digest: Callable[..., str]) -> None:
        """`digest` gives the keyed hash of some texts: 128 bits, in hexadecimal digits."""
        self._digest = digest

    def offer(self, owner_hash: str, salt: str, conversation: str = "") -> Offer:
        """What the store keeps of an offer."""
        waiting = Pair(owner_hash, salt, joined=False, age_s=0)
        return Offer(
            owner_hash,
            salt,
            reader_hash=self.reader_hash(self.reader_secret(waiting)),
            code_hash=self.offered_hash(self.code(waiting)),
            secret_hash=self.offered_hash(self.secret(waiting)),
            conversation=conversation,
        )

    def code(self, pair: Pair) -> str:
        """The code that a phone types."""
        return code_from(self._chance("code", pair))

    def secret(self, pair: Pair) -> str:
        """The secret in a QR code: a token for an address."""
        return _encoded(self._chance("secret", pair))

    def reader_secret(self, pair: Pair) -> str:
        """The token in the address of the reader's own page."""
        return _encoded(self._chance("reader", pair))

    def offered_hash(self, code_or_secret: str) -> str:
        """What the store knows a code or a secret by."""
        return self._digest("pair offered", code_or_secret)

    def reader_hash(self, secret: str) -> str:
        """What the store knows the reader's page by."""
        return self._digest("pair reader", secret)

    def phone_hash(self, secret: str) -> str:
        """What the store knows the phone by, which keeps a secret of its own."""
        return self._digest("pair phone", secret)

    def _chance(self, purpose: str, pair: Pair) -> bytes:
        return bytes.fromhex(self._digest(f"pair's {purpose}", pair.owner_hash, pair.salt))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
