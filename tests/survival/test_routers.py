"""Behind real routers: words arrive as written, silence is survived, forwarded headers are believed
for as many hops as the operator says."""

import socket
from functools import cache
from urllib.parse import urlsplit

import gevent
import pytest
import requests

from harness import behaviours as up
from harness.behaviours import Gate
from harness.nginx import Nginx
from harness.readers import HELD_WORDS, MODES, TIMEOUT_S, Reader
from harness.router import Router
from harness.servers import ASSETS, AppServer, eventually

HASTE = 10
SILENT_S = 70
"""How long the model thinks before its first word; a router's patience is 30 s."""

PAUSE_S = 30
"""How long it falls silent in mid-answer; it is given up after 45 s, and a busy machine is a little late."""

THOUGHT_EVERY_S = 20
"""How often its token count grows while it thinks."""

COMPRESSED = """
    gzip on;
    gzip_proxied any;
    gzip_types text/plain text/event-stream application/json;
"""


@pytest.fixture(scope="module")
def start_app(site, upstream, tmp_path_factory):
    servers = []

    def start(**environment):
        settings = {
            "GEMINI_BASE_URL": upstream.base_url,
            "KINDLECHAT_GRACE_S": "0",
        }
        servers.append(AppServer(tmp_path_factory.mktemp("app"), **settings | environment))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


@pytest.fixture(scope="module")
def shared_app(start_app):
    """One server for all tests that want the same settings, where none counts against a limit."""
    return cache(start_app)


def ask(url, **headers):
    return requests.post(
        f"{url}/api/replies", json={"message": "Count."}, headers=headers, timeout=TIMEOUT_S
    )


def post_chat(url):
    body = {"message": "Count."}
    return requests.post(f"{url}/api/chat", json=body, stream=True, timeout=TIMEOUT_S)


# Clients and proxies of HTTP/1.0


def get_by_http_1_0(url, path, accept):
    """The head and the body of an answer, as they come over the wire."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), TIMEOUT_S) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nAccept: {accept}\r\n\r\n".encode())
        data = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = data.decode().partition("\r\n\r\n")
    return head.lower(), body


@pytest.mark.parametrize(
    ("resource", "after", "accept", "end"),
    [
        ("poll", "", "*/*", "}"),
        ("stream", "", "*/*", "word5"),
        ("stream", "", "text/event-stream", '"reason": null}'),
        ("page", "", "*/*", "</html>"),
        ("page", "/live", "*/*", "</html>"),
    ],
)
def test_http_1_0_gets_no_chunked_coding(shared_app, upstream, resource, after, accept, end):
    upstream.script(up.counting(5, 0.02))
    url = shared_app().url
    head, body = get_by_http_1_0(url, ask(url).json()[resource] + after, accept)
    assert " 200 ok" in head
    assert "chunked" not in head
    assert body.rstrip().endswith(end)


# nginx, as it is installed


@pytest.fixture(scope="module")
def nginx(shared_app, tmp_path_factory):
    """Addresses of an nginx in front of the application: it speaks HTTP/1.0 to it, or 1.1."""
    url = shared_app(haste=HASTE).url
    places = {
        "1.0": f"location / {{ proxy_pass {url}; }}",
        "1.1": f"location / {{ proxy_pass {url};"
        " proxy_http_version 1.1; proxy_set_header Host $http_host; }",
    }
    with Nginx(tmp_path_factory.mktemp("nginx"), places, http=COMPRESSED) as nginx:
        yield [*nginx.urls.values()]


def test_words_come_through_nginx_as_they_are_written(nginx, upstream):
    """Each word is seen before the model writes the next one (or the one after that, as plain text)."""
    gate = Gate(5)
    upstream.script(gate)
    reply = ask(nginx[0]).json()
    readers = [Reader(mode, url, reply) for url in nginx for mode in MODES]
    for count in range(1, 6):
        gate.give(count)
        eventually(lambda: all(reader.has_words(count) for reader in readers))  # noqa: B023
    words = [f"word{n}" for n in range(1, 6)]
    assert [reader.wait().words for reader in readers] == [words] * len(readers)


def test_a_post_is_answered_through_nginx_as_it_is_written(nginx, upstream):
    gate = Gate(5)
    upstream.script(gate)
    gate.give(1)  # else it would be asked in vain for a status
    streams = [post_chat(url).iter_content(None) for url in nginx]
    texts = [b""] * len(streams)
    for count in range(1, 6):
        gate.give(count)
        for n, stream in enumerate(streams):
            while len(texts[n].split()) < count - HELD_WORDS:
                texts[n] += next(stream)
    for text, stream in zip(texts, streams, strict=True):
        whole = text + b"".join(stream)
        assert whole.decode().lstrip(" ") == "word1 word2 word3 word4 word5 "


def test_an_answer_that_breaks_is_seen_to_break(shared_app, nginx, upstream):
    """Not where nginx speaks HTTP/1.0 to the application: an end is an end there."""
    upstream.script(up.FAULTS["cut"])
    for url in (shared_app().url, nginx[1]):
        reader = Reader("stream", url, ask(url).json()).wait()
        assert (reader.text, reader.complete) == ("Half an ans", False)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            assert post_chat(url).content


def test_nginx_compresses_what_is_no_stream(nginx):
    """Or the test above would prove nothing."""
    page = requests.get(nginx[0], headers={"Accept-Encoding": "gzip"}, timeout=TIMEOUT_S)
    assert page.headers["Content-Encoding"] == "gzip"


# A router that gives up silent connections


@pytest.fixture(scope="module")
def router(shared_app):
    with Router(shared_app(haste=HASTE).port, haste=HASTE) as router:
        yield router


def silent(connection):
    """Half an answer, silence, the rest."""
    first, *rest = map(up.encode_event, list(up.events(["One two ", "three."]))[1:])
    connection.send(first)
    gevent.sleep(PAUSE_S / HASTE)
    up.send_and_end(*rest)(connection)


def thinking(connection):
    """A letter, nothing but thoughts for longer than a router's patience, the rest."""
    first, *rest = map(up.encode_event, list(up.events(["O", "ne two three."]))[1:])
    connection.send(first)
    for tokens in range(SILENT_S // THOUGHT_EVERY_S):
        gevent.sleep(THOUGHT_EVERY_S / HASTE)
        connection.send(up.encode_event({"usageMetadata": {"totalTokenCount": 1000 + tokens}}))
    gevent.sleep(SILENT_S % THOUGHT_EVERY_S / HASTE)
    up.send_and_end(*rest)(connection)


def ask_and_follow(router, upstream, answer):
    """Ask a model that begins after a silence: the chat, and readers of a reply in all ways."""

    def behave(connection):
        connection.head()
        gevent.sleep(SILENT_S / HASTE)
        answer(connection)

    upstream.script(behave)
    before = len(upstream.requests)
    chat = gevent.spawn(
        requests.post, f"{router.url}/api/chat", json={"message": "Why?"}, timeout=TIMEOUT_S
    )
    reply = ask(router.url).json()
    eventually(lambda: len(upstream.requests) >= before + 2)
    return chat, [Reader(mode, router.url, reply) for mode in MODES]


def test_models_that_think_long_are_waited_for(router, upstream):
    both = [ask_and_follow(router, upstream, answer) for answer in (silent, thinking)]
    for chat, readers in both:
        assert [reader.wait().text for reader in readers] == ["One two three."] * len(readers)
        assert chat.get(timeout=TIMEOUT_S).text.lstrip(" ") == "One two three."
    assert not router.closed


def test_the_router_does_close_what_is_silent(upstream):
    """Or the test above would prove nothing."""
    port = int(upstream.base_url.rpartition(":")[2])
    upstream.script(up.FAULTS["stall"])
    with Router(port, haste=HASTE * 5) as router:
        response = requests.post(router.url, json={}, stream=True, timeout=TIMEOUT_S)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            assert b"Half" in response.content
        assert router.closed == {"H15": 1}


# What routers say of their clients


@pytest.mark.parametrize(
    ("hops", "first", "second", "same"),
    [
        ("0", "1.1.1.1", "2.2.2.2", True),  # nobody is believed
        ("1", "1.1.1.1", "2.2.2.2", False),
        ("1", "1.1.1.1:1001", "1.1.1.1:1002", True),  # some write the port, too
        ("1", "[2001:db8::1]:1001", "2001:db8::1", True),
        ("1", "2001:db8:1::1", "2001:db8:2::1", False),
        ("1", "1.1.1.1, 9.9.9.9", "2.2.2.2, 9.9.9.9", True),  # what clients claim comes first
        ("2", "1.1.1.1, 9.9.9.9", "2.2.2.2, 9.9.9.9", False),
        ("2", "5.5.5.5, 1.1.1.1, 8.8.8.8", "6.6.6.6, 1.1.1.1, 9.9.9.9", True),
        ("2", "1.1.1.1", "2.2.2.2", True),  # came past a router: the claim is not its
    ],
)
def test_addresses_are_believed_for_so_many_hops(start_app, hops, first, second, same):
    app = start_app(KINDLECHAT_TRUSTED_PROXIES=hops, KINDLECHAT_RATE_LIMIT="1/hour")
    assert ask(app.url, **{"X-Forwarded-For": first}).status_code == 201
    again = ask(app.url, **{"X-Forwarded-For": second})
    assert again.status_code == (429 if same else 201)


@pytest.mark.parametrize(
    ("hops", "proto", "redirected"),
    [
        ("1", None, True),
        ("1", "http", True),
        ("1", "https", False),
        ("1", "https, http", True),  # what clients claim comes first
        ("2", "https, http", False),
    ],
)
def test_plain_http_is_redirected_where_the_operator_forces_it(shared_app, hops, proto, redirected):
    app = shared_app(KINDLECHAT_TRUSTED_PROXIES=hops, KINDLECHAT_HTTPS="force")
    headers = {} if proto is None else {"X-Forwarded-Proto": proto}
    page = requests.get(
        f"{app.url}/answers/?x=1", headers=headers, allow_redirects=False, timeout=TIMEOUT_S
    )
    if redirected:
        assert page.status_code == 308
        assert page.headers["Location"] == f"{app.url}/answers/?x=1".replace("http:", "https:")
    else:
        assert page.status_code == 200
        assert "max-age" in page.headers["Strict-Transport-Security"]
    assert requests.get(f"{app.url}/healthz", timeout=TIMEOUT_S).text == "ok"


def test_nobody_is_redirected_to_no_host(shared_app):
    app = shared_app(KINDLECHAT_TRUSTED_PROXIES="1", KINDLECHAT_HTTPS="force")
    page = requests.get(
        app.url, headers={"Host": "foo bar"}, allow_redirects=False, timeout=TIMEOUT_S
    )
    assert page.status_code == 400


@pytest.mark.parametrize("proto", ["http", "https"])
def test_plain_http_is_left_alone_otherwise(shared_app, proto):
    app = shared_app(KINDLECHAT_TRUSTED_PROXIES="1", KINDLECHAT_PASSCODE="open sesame")
    headers = {"X-Forwarded-Proto": proto}
    for path in ("/", "/poll/", ASSETS["reader.js"].address, "/c/none", "/api/replies/none"):
        answer = requests.get(
            app.url + path, headers=headers, allow_redirects=False, timeout=TIMEOUT_S
        )
        assert answer.status_code in (200, 404)
        assert "Strict-Transport-Security" not in answer.headers
    entered = requests.post(
        f"{app.url}/passcode",
        data={"passcode": "open sesame"},
        headers=headers,
        allow_redirects=False,
        timeout=TIMEOUT_S,
    )
    assert ("Secure" in entered.headers["Set-Cookie"]) == (proto == "https")
