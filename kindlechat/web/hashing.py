"""Keyed hashes, which the store and the limits hold in place of a client's network or a question (pure)."""

import base64
import hashlib
import hmac

PURPOSE = b"kindlechat mark:"
"""Hashed first, so that the same secret gives other values here than in signatures."""

HASH_CHARS = 32
"""128 bits, in hexadecimal digits."""

ID_BYTES = 16


class Hasher:
    """Hashes values with a secret, so that whoever reads the store cannot guess them."""

    def __init__(self, secret: str) -> None:
        self._keyed = hmac.new(secret.encode(), PURPOSE, hashlib.sha256)

    def digest(self, *values: str) -> str:
        """The hash of these values in this order."""
        return self._hashed(values).hex()[:HASH_CHARS]

    def id_for(self, *values: str) -> str:
        """An id to which these values always lead: 128 bits, URL-safe, as all ids."""
        return base64.urlsafe_b64encode(self._hashed(values)[:ID_BYTES]).decode().rstrip("=")

    def _hashed(self, values: tuple[str, ...]) -> bytes:
        keyed = self._keyed.copy()
        keyed.update("\0".join(values).encode("utf-8", "surrogatepass"))
        return keyed.digest()
