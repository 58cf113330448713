"""The tokens in letters' links, and the hashes of mailboxes (pure)."""

from enum import StrEnum

from itsdangerous import BadSignature, Signer


class Purpose(StrEnum):
    """What the holder of a token may do."""

    CONFIRM = "confirm"
    LEAVE = "leave"


class NewsletterKeys:
    """Signs subscribers' random ids, so that no address is in a link. Tokens do not expire by themselves."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def token(self, purpose: Purpose, subscriber_id: str) -> str:
        """What a link has that does this for the subscriber."""
        return self._signer(purpose).sign(subscriber_id).decode()

    def subscriber_id(self, purpose: Purpose, token: str) -> str | None:
        """The subscriber whom a token is for; None for one that was not made here for this purpose."""
        try:
            return self._signer(purpose).unsign(token).decode()
        except (BadSignature, UnicodeError):
            return None

    def mailbox_hash(self, mailbox: str) -> str:
        """The keyed hash of an address, which is the same however its letters are written."""
        signature: bytes = self._signer("mailbox").get_signature(mailbox.lower())
        return signature.decode()

    def _signer(self, purpose: str) -> Signer:
        # A dot parts id and signature; ids have none.
        return Signer(self._secret, salt=f"newsletter {purpose}", sep=".")
