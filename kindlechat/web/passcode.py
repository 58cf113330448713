"""The passcode: who has shown it, by a signed cookie."""

import hmac

from flask import request
from itsdangerous import BadSignature, TimestampSigner
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.web.hashing import Hasher

COOKIE = "kindlechat_pass"
COOKIE_MAX_AGE_S = 400 * 86400  # browsers keep no cookie longer


class Passcode:
    """Knows whether a request may cost money. With no passcode set every request may."""

    def __init__(self, passcode: str | None, secret: str) -> None:
        """`secret` signs cookies and keys the hash in them, which is of no use for guessing offline."""
        self._hasher = Hasher(secret)
        self._hash = None if passcode is None else self._digest(passcode)
        self._signer = TimestampSigner(secret, salt="passcode")

    @property
    def is_set(self) -> bool:
        """Whether one is wanted."""
        return self._hash is not None

    def accepts(self, given: str) -> bool:
        """Whether `given` is the passcode; takes the same time wherever they differ."""
        return self._hash is None or hmac.compare_digest(self._digest(given), self._hash)

    def allows_cookie(self) -> bool:
        """Whether the current request carries a cookie signed for the current passcode."""
        if self._hash is None:
            return True
        try:
            value = self._signer.unsign(request.cookies.get(COOKIE, ""), max_age=COOKIE_MAX_AGE_S)
        except BadSignature:
            return False
        return hmac.compare_digest(value, self._hash.encode())

    def set_cookie(self, response: BaseResponse) -> None:
        """Let this browser pass from now on, until the passcode changes."""
        if self._hash is not None:
            response.set_cookie(
                COOKIE,
                self._signer.sign(self._hash).decode(),
                max_age=COOKIE_MAX_AGE_S,
                httponly=True,
                secure=request.is_secure,
                samesite="Lax",
            )

    def _digest(self, passcode: str) -> str:
        return self._hasher.digest("passcode", passcode)
