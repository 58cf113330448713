"""The two sides of a pair as requests name them: the reader by an address or by who it is, the phone by a
cookie of its own."""

from collections.abc import Mapping, Sequence
from hmac import compare_digest
from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.errors import StoreUnavailable
from kindlechat.rate_limit import RateLimit, parse_rate_limits
from kindlechat.relay import new_id
from kindlechat.stores.contract import OFFER_S, PAIR_S, Pair, quotas_for
from kindlechat.web.access import name_to_write
from kindlechat.web.conversation.reader import PairLine
from kindlechat.web.middleware.mount import own_address
from kindlechat.web.middleware.security import comes_from_here
from kindlechat.web.reader.identity import current_owner_hash
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.client import client_hash, neighbourhood_hash
from kindlechat.web.services import current_templates, services

PHONE_COOKIE = "phone"
"""The cookie by which a phone is known for as long as the pair lasts."""

OFFERED_COOKIE = "offered"
"""The secret of a QR code, while the phone's page shows the button: so it stays in no address."""

OFFERS = parse_rate_limits("60/hour")
GUESSES = parse_rate_limits("10/hour")
GUESSES_AROUND = parse_rate_limits("60/hour")
"""Codes that a network may have, and may try; and how many may be tried from the networks around it."""

TRIES_TO_OFFER = 8
"""With 100,000 live codes one in 4,000 is taken."""

TOKEN_CHARS = 16


def begin_offer(owner: str, conversation: str = "") -> Pair:
    """Let a phone pair with this reader, whose earlier pair ends. Raises Refusal."""
    _count_or_refuse(OFFERS, f"{client_hash()}:pair-offer")
    for _ in range(TRIES_TO_OFFER):
        salt = new_id()
        if services().store.offer(services().pair_keys.offer(owner, salt, conversation)):
            return Pair(owner, salt, joined=False, age_s=0, conversation=conversation)
    raise StoreUnavailable("no code is free")


def count_guess() -> None:
    """Count a code that is tried, right or wrong. Raises Refusal after too many."""
    _count_or_refuse(GUESSES, f"{client_hash()}:pair-guess")
    _count_or_refuse(GUESSES_AROUND, f"{neighbourhood_hash()}:pair-guess")


def _count_or_refuse(limits: Sequence[RateLimit], subject: str) -> None:
    wait_s = services().store.count(quotas_for(limits, subject))
    if wait_s is not None:
        raise Refusal(429, "too_many_tries", retry_after_s=int(wait_s))


# The reader's side


def pair_at(secret: str) -> Pair | None:
    """The pair whose reader's page has this secret in its address."""
    return services().store.pair_known_by(services().pair_keys.reader_hash(secret))


def own_pair() -> Pair | None:
    """The pair of the reader who sent the current request, by its cookie."""
    owner = current_owner_hash()
    return services().store.pair_of(owner) if owner else None


def mark_of(pair: Pair) -> str:
    """What a page of the reader's knows of the pair: with another mark there is news."""
    return pair.reply or ("joined" if pair.joined else "offered")


def reader_address(pair: Pair, query: Mapping[str, str] | None = None) -> str:
    """The address of the reader's own page."""
    path = f"{request.script_root}/pair/at/{services().pair_keys.reader_secret(pair)}"
    return f"{path}?{urlencode(query)}" if query else path


def asked_address(pair: Pair) -> str:
    """The address of the page with what the phone asked last."""
    page = f"{request.script_root}/c/{name_to_write(pair.conversation)}"
    return f"{page}?{urlencode(_followed(pair))}"


def _followed(pair: Pair) -> dict[str, str]:
    """What an address has by which the reader's pages follow the phone; the pair where no cookie tells it."""
    by_cookie = current_owner_hash() == pair.owner_hash
    secret = {} if by_cookie else {"pair": services().pair_keys.reader_secret(pair)}
    return {"after": mark_of(pair), **secret}


def followed_pair() -> Pair | None:
    """The pair that the current page of a conversation follows: the one that its address names, or the
    reader's own."""
    named = request.args.get("pair", "")
    pair = pair_at(named) if named else own_pair()
    return pair if pair and pair.joined else None


def asked_since(mark: str) -> str:
    """The address of what the phone has asked since a page had this mark; "" where that is nothing."""
    pair = followed_pair()
    return asked_address(pair) if pair and pair.reply not in ("", mark) else ""


def pair_line() -> PairLine | None:
    """What a page of the reader's says of the pair; None where there is none."""
    pair = followed_pair()
    if pair is None:
        return None
    kept = {
        name: request.args[name] for name in ("turn", "version", "screen") if name in request.args
    }
    followed = _followed(pair)
    return PairLine(
        page=reader_address(pair),
        look=reader_address(pair, followed),
        query=urlencode({**kept, **followed}),
        let_in=was_let_in(pair),
    )


def was_let_in(pair: Pair) -> bool:
    """Whether the pair lets its reader in where a passcode is wanted: whoever joined had to bring it.

    It does so for a while only, as the passcode may be another one tomorrow.
    """
    return services().passcode.is_set and pair.joined and pair.age_s < OFFER_S


def let_in(response: BaseResponse, pair: Pair) -> BaseResponse:
    """Give the reader's browser what it passes by, if its phone lets it in."""
    if was_let_in(pair) and not services().passcode.allows_cookie():
        services().passcode.set_cookie(response)
    return response


# The phone's side


def phone_pair() -> Pair | None:
    """The pair of the phone that sent the current request."""
    secret = request.cookies.get(PHONE_COOKIE, "")
    return (
        services().store.pair_known_by(services().pair_keys.phone_hash(secret)) if secret else None
    )


def wanted_pair() -> Pair:
    """The same; raises Refusal where there is none."""
    pair = phone_pair()
    if pair is None:
        raise Refusal(403, "not_paired")
    return pair


def join_offered(code_or_secret: str) -> str:
    """Pair this phone; returns the secret that it is known by. Raises Refusal for what is no live offer.

    A pair that it had before ends.
    """
    keys, secret = services().pair_keys, new_id()
    before = phone_pair()
    if services().store.join(keys.offered_hash(code_or_secret), keys.phone_hash(secret)) is None:
        raise Refusal(404, "code_unknown")
    if before is not None:
        services().store.end_pair(before)
    return secret


def keep_in_cookie(response: BaseResponse, name: str, value: str) -> None:
    """Have the phone's browser keep one of the two cookies; "" takes it away."""
    if value:
        max_age_s = PAIR_S if name == PHONE_COOKIE else OFFER_S
        response.set_cookie(
            name, value, max_age=max_age_s, httponly=True, secure=request.is_secure, samesite="Lax"
        )
    else:
        response.delete_cookie(name, httponly=True, secure=request.is_secure, samesite="Lax")


def phone_token() -> str:
    """What the phone's forms hold, beside its cookies: another site's page does not know it."""
    secrets = [request.cookies.get(name, "") for name in (PHONE_COOKIE, OFFERED_COOKIE)]
    return services().hasher.digest("phone form", *secrets)[:TOKEN_CHARS] if any(secrets) else ""


def check_phone_token(given: str) -> None:
    """Refuse a form that another site's page may have made up. Raises Refusal."""
    if comes_from_here() is None and not compare_digest(phone_token().encode(), given.encode()):
        raise Refusal(403, "cross_site")


def site_address() -> str:
    """The address of the site in the language of the current request, to be typed or photographed."""
    return own_address(request) + current_templates().language.root
