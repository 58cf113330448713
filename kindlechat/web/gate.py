"""The gate: asks for the passcode before anything that costs money, and limits guesses.

Every function may raise Refusal.
"""

from collections.abc import Sequence
from functools import partial

from flask import g, request

from kindlechat.errors import StoreUnavailable
from kindlechat.rate_limit import parse_rate_limits
from kindlechat.stores.contract import Quota, RateLimits, quotas_for
from kindlechat.web.middleware.body import doubt_body, hurry_body
from kindlechat.web.reader.identity import bearer_token, reader_in
from kindlechat.web.refusal import Refusal, rate_limited
from kindlechat.web.request.client import client_hash, neighbourhood_hash
from kindlechat.web.services import services

CLIENT_GUESSES = parse_rate_limits("10/minute;100/day")
NEIGHBOURHOOD_GUESSES = parse_rate_limits("20/10minute;60/hour;200/day")
ALL_GUESSES = parse_rate_limits("30/minute;60/10minute;200/hour;400/day")
"""Wrong passcodes that a client, a neighbourhood of networks and everybody together may send. Who goes
on guessing waits ever longer: a minute at first, a day in the end."""

HELD_UP = frozenset({"conversations", "manage", "phone_side", "shares", "taps"})
"""The blueprints whose presses the passcode holds up: with it they go through."""

KNOWN_S = 86_400
"""So long a client that has sent the right passcode is known. Whoever comes back in the second half of that
time is known as long again."""


PASSCODE_HEADER = "X-Passcode"


def check_allowed() -> None:
    """Refuse the current request where a passcode is wanted and it brings none.

    To be called before the body is read: what will be refused has less time to arrive.
    """
    if "let_in" in g or services().passcode.allows_cookie():
        _hurry_where_spent(question_quotas())
        return
    given = _sent_passcode()
    if given is None:
        hurry_body(request.environ, services().timings.refused_body_s)
        raise Refusal(401, "passcode_wanted")
    check_guess(_as_utf8(given))


def _sent_passcode() -> str | None:
    """The passcode that a program sends, beside its reader's token or in its place."""
    if PASSCODE_HEADER in request.headers:
        return request.headers[PASSCODE_HEADER].strip()
    scheme, _, _ = request.headers.get("Authorization", "").partition(" ")
    given = bearer_token()
    return None if scheme.lower() != "bearer" or reader_in(given) else given


def await_guess() -> None:
    """To be called before a form with a passcode is read, which may have less time to arrive.

    The store is asked of those alone who take that time: most forms arrive at once.
    """
    _hurry_where_spent([*_own_quotas(), *_shared_quotas()])


def question_quotas() -> tuple[Quota, ...]:
    """What a question of the current client counts against, made once for each request."""
    if "question_quotas" not in g:
        g.question_quotas = quotas_for(services().settings.rate_limits, client_hash())
    quotas: tuple[Quota, ...] = g.question_quotas
    return quotas


def _hurry_where_spent(quotas: Sequence[Quota]) -> None:
    is_spent = partial(_is_spent, services().store, quotas)
    doubt_body(request.environ, services().timings.refused_body_s, is_spent)


def _is_spent(store: RateLimits, quotas: Sequence[Quota]) -> bool:
    try:
        return store.count(quotas, cost=0) is not None
    except StoreUnavailable:  # which whoever asks is told, once the body is there
        return False


def check_guess(given: str) -> None:
    """Refuse a wrong passcode; after too many wrong ones any, so that guessing on does not pay.

    A client that is known is not shut out by what others guess: only its own guesses count then.
    """
    if services().passcode.accepts(given):
        _let_in()
        g.let_in = True  # for the rest of this request
        return
    wait_s = services().store.count([*_own_quotas(), *_shared_quotas()])
    raise Refusal(401, "passcode_wrong") if wait_s is None else rate_limited(wait_s)


def _let_in() -> None:
    """Let in a client that has sent the right passcode, unless too many wrong ones were sent before."""
    store, known_s = services().store, _known_s()
    wait_s = store.count([*_own_quotas(), *(() if known_s else _shared_quotas())], cost=0)
    if wait_s is not None:
        raise rate_limited(wait_s)
    if known_s < KNOWN_S / 2:
        _know()


def _known_s() -> float:
    """How long the client is still known; 0 where it is not."""
    return services().store.count(_known_quotas(), cost=0) or 0  # one is spent by its only event


def _know() -> None:
    """Know the client for KNOWN_S from now on."""
    for quota in _known_quotas():
        if services().store.count([quota]) is None:
            return


def _known_quotas() -> tuple[Quota, ...]:
    """Two, as a window cannot be made longer: the second one begins in the midst of the first."""
    return tuple(Quota(f"known:{client_hash()}:{n}", 1, KNOWN_S) for n in range(2))


def _own_quotas() -> tuple[Quota, ...]:
    return quotas_for(CLIENT_GUESSES, f"{client_hash()}:guess")


def _shared_quotas() -> tuple[Quota, ...]:
    return (
        *quotas_for(NEIGHBOURHOOD_GUESSES, f"{neighbourhood_hash()}:guess"),
        *quotas_for(ALL_GUESSES, "everybody:guess"),
    )


def _as_utf8(header: str) -> str:
    """A header as its sender meant it: WSGI reads all bytes as ISO-8859-1, where most send UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header
