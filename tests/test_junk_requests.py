"""Whatever is sent to whatever address: no answer is an error of ours, and no log has what was sent."""

import itertools
import json
import logging
import re
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from flask import Flask

from harness.behaviours import answer
from harness.quick_start import start_app
from kindlechat.picture import SentPicture
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.stores.contract import NewReply, Write
from kindlechat.web.access import owner_rights
from kindlechat.web.app import BLUEPRINTS
from kindlechat.web.me.keys import own_secrets, renew
from kindlechat.web.reader.identity import owner_hash
from kindlechat.web.services import services
from kindlechat.web.static_pages import create_assets, create_static_pages
from tests.cases import cases

SECRET = "Zirkonium"
"""Is in all that is sent but addresses: so no log may have it."""

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"

VALUES = (
    "",
    "0",
    "-1",
    "1" * 5000,
    "٣",
    "1e999",
    f"{SECRET}\ud83d",
    f"{SECRET}\0\r\n\x1b[31m\u2028\u202e",
    f"{SECRET}<script>'\"&{{}}",
    f"/\\{SECRET}.example//",
    f"{SECRET}@example.org\r\nBcc: {SECRET}@evil.example",
    f"\x80\xff{SECRET}",
    f"{SECRET} " * 3000,
)
"""What a field, a parameter or a header may hold."""

FIELDS = (
    *("message", "conversation", "mode", "version", "reply", "seen", "turn", "idempotency_key"),
    *("thorough", "title", "starred", "id", "visit", "phrase", "mailbox", "code", "format"),
    *("what", "back", "passcode", "press", "token", "size", "view", "reset", "screen", "r"),
    *("task", "action", "follow_up", "language", "earlier", "name", "secret", "picture", "word"),
    *("page", "q", "look", "ask", "after", "to", "s", "bom", "lang", "website", "history", "depth"),
)

HEADERS = (
    *("Cookie", "Accept", "Accept-Language", "Authorization", "X-Passcode", "Idempotency-Key"),
    *("Last-Event-ID", "User-Agent", "Origin", "Referer", "Sec-Fetch-Site", "Host", "Range"),
    *("If-None-Match", "If-Modified-Since", "X-Request-Id", "X-Forwarded-For", "X-Forwarded-Host"),
)

COOKIES = ("reader", "reading", "screen", "kindlechat_pass", "lang")


def latin(value):
    """A header's value as WSGI has it."""
    return value.encode("utf-8", "surrogatepass").decode("latin-1").translate({10: None, 13: None})


def form_of(value):
    """A form with this in all of its fields."""
    quoted = quote_plus(value[:500].encode("utf-8", "surrogatepass"))
    return "&".join(f"{name}={quoted}" for name in FIELDS).encode()


def numbers_of(value):
    """A form about an answer of the sender's own, with this where numbers are expected."""
    names = ("follow_up", "seen", "turn", "version", "page", "screen", "starred")
    rest = "&".join(f"{name}={value}" for name in names)
    return f"reply={OWN_REPLY}&conversation=&message=a&{rest}".encode()


def json_of(value):
    """JSON with this in each place: halves of letters are escaped, as programs do it."""
    return json.dumps(dict.fromkeys(FIELDS, value)).encode()


def part(name, more="", body=SECRET):
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return f"{head}{body}\r\n--b--\r\n".encode()


OWN_REPLY = "own-reply"
"""Stands for the id of the sender's own answer."""

BODIES = (
    *((FORM, form_of(value)) for value in VALUES),
    *((FORM, numbers_of(value)) for value in ("1" * 5000, "-1", "%D9%A3", "1e9", "0x1", "")),
    (f"{FORM}; charset=utf-7", f"message={SECRET}+AAA-".encode()),
    (f"{FORM}; charset=\0\xff", f"message={SECRET}".encode()),
    (FORM, f"{SECRET}&&==&%&%zz=%f&message=%ff%fe&message=%ed%a0%bd".encode()),
    (FORM, b"&=" * 20_000),
    *(("application/json", json_of(value)) for value in VALUES),
    *(("application/json", json_of(value)) for value in ([], {}, [{"role": "user"}], 1e308, None)),
    ("application/json", b"[" * 60_000),
    ("application/json", b'{"message":' * 5_000),
    ("application/json", f'{{"message": "{SECRET}'.encode()),
    ("application/json", f'{{"message": "{SECRET}", "seen": {"9" * 6000}}}'.encode()),
    ("application/json", b"\xff\xfe\0{"),
    ("application/json; charset=utf-7", f'"{SECRET}"'.encode()),
    (MULTIPART, part("message")),
    (MULTIPART, part("mailbox", f'; filename="{SECRET}"')),
    (MULTIPART, part("picture", f'; filename="{SECRET}.jpg"', "\xff\xd8\xff" + SECRET)),
    (MULTIPART, part("message", "\r\nContent-Type: text/plain; charset=utf-7")),
    (MULTIPART, f"--b\r\n{SECRET}".encode()),
    (MULTIPART, b"--b\r\n" * 5_000),
    ("multipart/form-data", part("message")),
    ("", SECRET.encode()),
    (f"\xff/{SECRET};;=", SECRET.encode()),
    (FORM, f"message={SECRET * 20_000}".encode()),
)

NAMES = ("x", "0" * 22, "é\u2028", "..", "%00", "9" * 5000, "a" * 3000, "-", "_" * 22 + ".epub")
"""Segments of addresses that stand for nothing."""


QUERIES = (
    b"\xff\xfe%ff",
    b"&&==%&%zz=%f",
    b"page=" + b"9" * 6000,
    b"&a=" * 2000,
    b"format=html&after=x",
)

READS = ("GET", "HEAD", "OPTIONS")


def rules():
    """The rules of all addresses."""
    app = Flask("rules", static_folder=None)
    for blueprint in (*BLUEPRINTS, create_static_pages(Path(), ()), create_assets({})):
        app.register_blueprint(blueprint)
    return list(app.url_map.iter_rules())


RULES = rules()


@pytest.fixture(scope="module")
def app(site, upstream, mail_server, tmp_path_factory):
    upstream.script(answer("Because."))
    app = start_app(
        {
            "GEMINI_BASE_URL": upstream.base_url,
            "KINDLECHAT_DATA": str(tmp_path_factory.mktemp("data")),
            "KINDLECHAT_RATE_LIMIT": "off",
            "KINDLECHAT_REPLIES_AT_ONCE": "off",
            "KINDLECHAT_DAILY_LIMIT": "off",
            "KINDLECHAT_LOG_LEVEL": "DEBUG",
            "KINDLECHAT_LOG_REQUESTS": "on",
            "KINDLECHAT_SMTP_URL": f"smtp://127.0.0.1:{mail_server.port}",
            "KINDLECHAT_MAIL_FROM": "chat@example.org",
            "KINDLECHAT_MAIL_ADDRESS": "Kindlechat, 1 Reading Street, Bookham",
            "KINDLECHAT_BASE_URL": "https://chat.example.org",
        }
    )
    yield app
    app.drain()
    app.close()


@pytest.fixture
def new_reader(app):
    """Makes a reader who has all that one can have."""
    return lambda: make_reader(app)


def make_reader(app):
    """The cookie of a new reader, and what addresses of theirs have, by the names of rules' arguments."""
    reader_id, conversation, reply, share = (new_id() for _ in range(4))
    with app.test_request_context("/"):
        rights, own = owner_rights(conversation, reader_id), services()
        shown = SentPicture(b"jpeg", b"small", (9, 9), (9, 9))
        new = NewReply(
            id=reply,
            conversation=conversation,
            question="Why?",
            lease="lease",
            client_hash="client",
            seed=(),
            rights=rights,
            picture=shown.name,
            new_picture=shown,
        )
        app.store.create_reply(new)
        app.store.write([Write(reply, "lease", 0, "Because.", State.DONE, None)])
        app.store.share(conversation, share)
        app.store.set_mailbox(owner_hash(reader_id), "ann@example.org")
        for kind in ("link", "phrase", "shelf"):
            renew(reader_id, kind)
        offer = own.pair_keys.offer(owner_hash(reader_id), new_id(), conversation)
        app.store.offer(offer)
        app.store.join(offer.code_hash, own.pair_keys.phone_hash(PHONE + reader_id))
        secrets = own_secrets(reader_id)
        cookie = own.reader_signer.sign(reader_id).decode()
        return f"{cookie}; phone={PHONE}{reader_id}", {
            "picture": shown.name,
            "name": own.write_keys.name_of(conversation),
            "reply_id": reply,
            "link": own.share_names.name_of(share),
            "token": secrets["shelf"],
        }


PHONE = "phone-"
"""What the cookie of a reader's phone begins with: whatever is sent comes from the phone, too."""

PLACE = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")
"""An argument in a rule: its converter, what that may choose from, its name."""


def filled(rule, values, number):
    """An address of this rule, with these values for its arguments; a choice falls by the number."""

    def value(place):
        if place[1] == "any":
            options = re.findall(r"\w+", place[2])
            return options[number % len(options)]
        return values.get(place[3], "1")

    return PLACE.sub(value, rule.rule)


def requests_to(rule):
    """What is sent to a rule: a method, values of arguments (the reader's own where none), a query, a media
    type and a body."""
    method = "GET" if "GET" in rule.methods else min(rule.methods - {"OPTIONS"})
    for name in NAMES if rule.arguments else ():
        yield method, name, b"", FORM, b""
    for other in ("PUT", "OPTIONS", "HEAD", "\xffX"):
        yield other, None, b"", FORM, b"message=x"
    if method == "GET":
        for value in VALUES:
            yield method, None, form_of(value), "", b""
        for query in QUERIES:
            yield method, None, query, "", b""
    else:
        for media_type, body in BODIES:
            yield method, None, b"", media_type, body


@pytest.fixture
def stride(quick):
    """Each rule is sent one request in so many, and each rule others."""
    return 16 if quick else 2


@cases("rule", RULES, ids=lambda rule: f"{min(rule.methods)} {rule.rule}", quick_stride=3)
def test_it_is_answered_and_no_log_has_it(rule, app, new_reader, stride, caplog):
    caplog.set_level(logging.DEBUG)
    cookie, own = new_reader()
    first = RULES.index(rule)
    for number, (method, name, query, media_type, body) in itertools.islice(
        enumerate(requests_to(rule), first), first % stride, None, stride
    ):
        caplog.clear()
        header, value = HEADERS[number % len(HEADERS)], latin(VALUES[number % len(VALUES)])
        values = own if name is None else dict.fromkeys(rule.arguments, name)
        headers = {} if number % 2 else {header: value}
        path = filled(rule, values, number)
        told = app.test_client(use_cookies=False).open(
            method=method,
            headers={"Cookie": f"reader={cookie}; {COOKIES[number % 5]}={value}", **headers},
            content_type=media_type,
            data=body.replace(OWN_REPLY.encode(), own["reply_id"].encode()),
            environ_overrides={
                # Half of it within the limits of a network, and half beyond.
                "REMOTE_ADDR": f"10.0.{first}.{number % 256}" if number % 3 else "10.1.0.1",
                "PATH_INFO": path.encode().decode("latin-1"),
                "QUERY_STRING": query.decode("latin-1"),
            },
            buffered=True,
        )
        what = f"{method} {path[:80]}?{query[:40]} {headers} {media_type} {body[:60]}"
        assert told.status_code < 500, what
        assert b"Traceback" not in told.data, what
        logged = "\n".join(f"{each.getMessage()} {vars(each)}" for each in caplog.records)
        assert SECRET not in logged, what
        assert "Traceback" not in caplog.text, what
        if method not in READS and told.status_code < 400:
            cookie, own = new_reader()  # this one may be gone
