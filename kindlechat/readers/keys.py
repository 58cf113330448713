"""Readers' keys: links, phrases and shelves, made of a reader's id and known by their hashes (pure)."""

import base64
import binascii
from collections.abc import Callable

from kindlechat.readers.phrase import phrase_from, typed_letters
from kindlechat.stores.contract import KeyKind, ReaderKey

TOKEN_CHARS = 22
"""128 bits, URL-safe, as all ids."""


class ReaderKeys:
    """Makes the secrets of a reader's keys, and finds the reader's id by them.

    A secret is made of the id and of a salt, so it can be shown to its reader again, and a new salt makes a
    new one. The store knows the salt, the secret's hash, and the id sealed with the secret: whoever reads
    the store finds neither the secret nor the id.
    """

    def __init__(self, digest: Callable[..., str]) -> None:
        """`digest` gives the keyed hash of some texts: 128 bits, in hexadecimal digits."""
        self._digest = digest

    def make(self, kind: KeyKind, reader_id: str, salt: str) -> ReaderKey:
        """What the store keeps of the key that a reader's id and this salt give."""
        secret = self.secret(kind, reader_id, salt)
        return ReaderKey(self.hash(kind, secret), salt, self._sealed(kind, secret, reader_id))

    def secret(self, kind: KeyKind, reader_id: str, salt: str) -> str:
        """The secret: five words, or a token for an address."""
        chance = bytes.fromhex(self._digest("reader's key", kind, reader_id, salt))
        return phrase_from(chance) if kind is KeyKind.PHRASE else _encoded(chance)

    def hash(self, kind: KeyKind, secret: str) -> str:
        """What the store knows a secret by; a phrase however it is typed."""
        return self._digest("reader's key hash", kind, _plain(kind, secret))

    def open(self, kind: KeyKind, secret: str, sealed_id: str) -> str | None:
        """The reader's id in what was sealed with this secret; None where that is no id."""
        sealed = _decoded(sealed_id)
        return None if sealed is None else _encoded(_xor(sealed, self._pad(kind, secret)))

    def _sealed(self, kind: KeyKind, secret: str, reader_id: str) -> str:
        plain = _decoded(reader_id)
        if plain is None:
            raise ValueError("expected a reader's id of 128 bits")
        return _encoded(_xor(plain, self._pad(kind, secret)))

    def _pad(self, kind: KeyKind, secret: str) -> bytes:
        """As long as an id, and used for one alone: a one-time pad."""
        return bytes.fromhex(self._digest("reader's key seal", kind, _plain(kind, secret)))


def _plain(kind: KeyKind, secret: str) -> str:
    return typed_letters(secret) if kind is KeyKind.PHRASE else secret


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes | None:
    try:
        data = base64.urlsafe_b64decode(f"{text}==")
    except (ValueError, binascii.Error):
        return None
    return data if len(text) == TOKEN_CHARS and len(data) == 16 else None
