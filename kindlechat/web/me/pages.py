"""A reader's page of keys, the ways back in by a link or five words, and the way out for good."""

import math

from flask import Blueprint, Response, request, url_for
from itsdangerous import BadSignature
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.rendering.answer.direction import is_rtl
from kindlechat.stores.contract import KeyKind, Quota
from kindlechat.web.access import name_to_write
from kindlechat.web.me.forgetting import forget
from kindlechat.web.me.keys import own_secrets, reader_of, renew, wanted_reader_id
from kindlechat.web.middleware.mount import own_address
from kindlechat.web.middleware.security import comes_from_here
from kindlechat.web.reader.identity import (
    current_reader_id,
    forget_reader_id,
    keep_reader_id,
    owner_hash,
)
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.client import client_hash
from kindlechat.web.request.form_token import check_form_token, form_token
from kindlechat.web.responses import lead_to, unlisted_page
from kindlechat.web.services import current_templates, services

MOST_TRIES = 10
TRIES_WINDOW_S = 3600
"""So often a network may try a phrase. Of 2**64 of them that finds nobody."""

VISIT_S = 600
"""So long who came by a link has time to say so, and whose browser keeps no cookie to load the list again."""

LISTED = 50

me = Blueprint("me", __name__)

KIND = f"<any({', '.join(KeyKind)}):kind>"


@me.get("/me")
def show() -> Response:
    """What the reader can come back by."""
    reader_id = current_reader_id()
    record = services().store.reader_record(owner_hash(reader_id)) if reader_id else None
    return _page(
        "me.html",
        known=reader_id is not None,
        secrets=own_secrets(reader_id) if reader_id else {},
        kinds=[*KeyKind],
        site=own_address(request),
        sends_mail=services().mailer is not None,
        mailbox=record.mailbox if record else "",
    )


@me.post(f"/me/keys/{KIND}")
def make(kind: str) -> BaseResponse:
    """Make a key, or a new one in the place of the last."""
    check_form_token()
    renew(wanted_reader_id(), KeyKind(kind))
    return _see_me(kind)


@me.post(f"/me/keys/{KIND}/withdraw")
def withdraw(kind: str) -> BaseResponse:
    """Take a key away: it finds nobody from now on."""
    check_form_token()
    services().store.withdraw_key(owner_hash(wanted_reader_id()), KeyKind(kind))
    return _see_me(kind)


@me.get("/me/find")
def find() -> Response:
    """The form for five words."""
    return _page("find.html", unknown=False, phrase="")


@me.post("/me/find")
def found() -> BaseResponse:
    """Lead the reader to whom the words belong to the conversations, or ask first. A try counts, right or
    wrong."""
    tries = Quota(f"{client_hash()}:phrase", MOST_TRIES, TRIES_WINDOW_S)
    wait_s = services().store.count([tries])
    if wait_s is not None:
        raise Refusal(429, "too_many_tries", retry_after_s=math.ceil(wait_s))
    phrase = request.form.get("phrase", "")
    try:
        reader_id = reader_of(KeyKind.PHRASE, phrase)
    except Refusal:
        page = _page("find.html", unknown=True, phrase=phrase)
        page.status_code = 404
        return page
    return _enter_or_ask(reader_id)


@me.get("/me/<token>")
def come_back(token: str) -> BaseResponse:
    """Lead the reader whose link this is to the conversations, or ask first.

    Either way the address is left at once, so that no page that is opened from here learns it.
    """
    return _enter_or_ask(reader_of(KeyKind.LINK, token))


@me.get("/me/enter")
def ask_to_enter() -> Response:
    """Whether this browser is to have the conversations to which a link led."""
    _visitor()
    reader_id = current_reader_id()
    others = services().store.count_owned(owner_hash(reader_id)) if reader_id else 0
    return _page("enter.html", visit=request.args.get("visit"), has_others=others > 0)


@me.post("/me/enter")
def enter() -> BaseResponse:
    """Lead who was asked to the conversations."""
    check_form_token()
    return _enter(_visitor())


@me.post("/me/enter/along")
def enter_with_own() -> BaseResponse:
    """The same, and the conversations that this browser has already come along."""
    check_form_token()
    reader_id, visitor = wanted_reader_id(), _visitor()
    services().store.hand_over(owner_hash(reader_id), owner_hash(visitor))
    return _enter(visitor)


@me.get("/me/conversations")
def listed() -> BaseResponse:
    """Lead who has come in to the conversations; show the newest where the browser keeps no cookie."""
    if current_reader_id() is not None:
        return lead_to(url_for("library.listed"))
    owned = services().store.list_owned(owner_hash(_visitor()), LISTED)
    return _page(
        "mine.html",
        owned=[(name_to_write(each.id), each.name, is_rtl(each.name)) for each in owned],
    )


@me.get("/me/forget")
def ask_to_forget() -> Response:
    """Whether the reader really wants to be forgotten."""
    wanted_reader_id()
    return _page("forget.html", forgotten=False)


@me.post("/me/forget")
def forgotten() -> Response:
    """Delete all that is kept of the reader."""
    check_form_token()
    forget(wanted_reader_id())
    forget_reader_id()
    return _page("forget.html", forgotten=True)


def _enter_or_ask(reader_id: str) -> BaseResponse:
    """Lead on, or ask first where the browser has another reader's cookie, or another site's page led here.

    Nobody is to take somebody else for the reader unnoticed.
    """
    if comes_from_here() is False or current_reader_id() not in (None, reader_id):
        return lead_to(url_for("me.ask_to_enter", visit=_visit(reader_id)))
    return _enter(reader_id)


def _enter(reader_id: str) -> BaseResponse:
    """Have the browser keep the reader's id, and lead on. Where it keeps none, the address shows the list
    for a while."""
    keep_reader_id(reader_id)
    return lead_to(url_for("me.listed", visit=_visit(reader_id)))


def _visit(reader_id: str) -> str:
    return services().visit_signer.sign(reader_id).decode()


def _visitor() -> str:
    """The reader whom the address or the form names, if it is not too old. Raises Refusal."""
    try:
        given = request.values.get("visit", "")
        return services().visit_signer.unsign(given, max_age=VISIT_S).decode()
    except (BadSignature, UnicodeDecodeError):
        raise Refusal(404, "not_found") from None


def _see_me(kind: str) -> BaseResponse:
    return lead_to(url_for("me.show", _anchor=kind))


def _page(template: str, **values: object) -> Response:
    """A page whose address and words no other page is to learn."""
    return unlisted_page(current_templates().render(template, token=form_token(), **values))
