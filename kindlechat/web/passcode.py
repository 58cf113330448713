"""The passcode: who has shown it, by a signed cookie."""

import hashlib
import hmac

from flask import request
from itsdangerous import BadSignature, TimestampSigner
from werkzeug.wrappers import Response as BaseResponse

COOKIE = "kindlechat_pass"
COOKIE_MAX_AGE_S = 400 * 86400  # browsers keep no cookie longer


class Passcode:
    """Knows whether a request may cost money. With no passcode set every request may."""

    def __init__(self, passcode: str | None, signer: TimestampSigner) -> None:
        self._passcode = passcode
        self._signer = signer

    def accepts(self, given: str) -> bool:
        """Whether `given` is the passcode; takes the same time wherever they differ."""
        return self._passcode is None or hmac.compare_digest(
            _digest(given), _digest(self._passcode)
        )

    def allows_cookie(self) -> bool:
        """Whether the present request carries a cookie signed for the present passcode."""
        if self._passcode is None:
            return True
        try:
            value = self._signer.unsign(request.cookies.get(COOKIE, ""), max_age=COOKIE_MAX_AGE_S)
        except BadSignature:
            return False
        return hmac.compare_digest(value, _digest(self._passcode)[:32].encode())

    def set_cookie(self, response: BaseResponse) -> None:
        """Let this browser pass from now on, until the passcode changes."""
        if self._passcode is not None:
            response.set_cookie(
                COOKIE,
                self._signer.sign(_digest(self._passcode)[:32]).decode(),
                max_age=COOKIE_MAX_AGE_S,
                httponly=True,
                secure=request.is_secure,
                samesite="Lax",
            )


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
