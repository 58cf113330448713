"""The edge of a site that lies below a path: what comes in loses it, what goes out gets it, and no more."""

import json

from kindlechat.web.middleware.mount import Mount
from tests.cases import cases

ROOT = "/chat"


def ask(parts, headers, path="/x", *, status="200 OK", trusted=0, root=ROOT, **environ):
    """The path that the application saw, and the status, headers and body that went out."""
    seen, sent = [], []

    def application(environ, start_response):
        seen.append(environ["PATH_INFO"])
        start_response(status, list(headers))
        return parts

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "a.example", **environ}
    mount = Mount(application, root, trusted_proxies=trusted)
    body = b"".join(mount(environ, lambda *started: sent.append(started)))
    return seen, sent[0][0], dict(sent[0][1]), body


HTML = [("Content-Type", "text/html; charset=utf-8")]


@cases(
    ("path", "seen"), [("/chat/help/", "/help/"), ("/help/", "/help/"), ("/chatter/", "/chatter/")]
)
def test_the_path_is_taken_away_where_it_is_there(path, seen):
    assert ask([], HTML, path)[0] == [seen]


def test_the_path_without_its_slash_leads_to_the_site():
    seen, status, headers, _ = ask([], HTML, "/chat")
    assert (seen, status[:3], headers["Location"]) == ([], "308", "/chat/")


def test_addresses_in_tags_get_the_path_and_nothing_else_does():
    page = (
        b'<meta http-equiv="refresh" content="5; url=/c/x"><a class="b" href="/help/">/help/</a>'
        b'<form action="/ask#newest"><img src="/a.png"><a href="//o.example/">o</a>'
        b'<a href="#top">t</a><code>href="/x" &lt;a href="/y"></code>'
    )
    *_, headers, body = ask([page], [*HTML, ("Content-Length", str(len(page)))])
    assert body == (
        b'<meta http-equiv="refresh" content="5; url=/chat/c/x"><a class="b" href="/chat/help/">/help/</a>'
        b'<form action="/chat/ask#newest"><img src="/chat/a.png"><a href="//o.example/">o</a>'
        b'<a href="#top">t</a><code>href="/x" &lt;a href="/y"></code>'
    )
    assert headers["Content-Length"] == str(len(body))


def test_a_file_that_comes_in_blocks_is_changed_as_a_whole():
    blocks = [b"<p>One<a hre", b'f="/help/">two</a>']
    headers = [*HTML, ("Content-Length", "30")]
    assert ask(blocks, headers)[3] == b'<p>One<a href="/chat/help/">two</a>'


def test_a_stream_of_html_goes_out_piece_by_piece():
    pieces = iter([b"<p>One", b'<a href="/c/x">two</a>'])
    *_, headers, body = ask(pieces, HTML)
    assert body == b'<p>One<a href="/chat/c/x">two</a>'
    assert "Content-Length" not in headers


def test_words_of_an_answer_are_left_as_they_are():
    text = json.dumps({"text": '<a href="/x">', "page": "/c/x"}).encode()
    for kind in ("application/json", "text/plain", "text/event-stream"):
        assert ask([text], [("Content-Type", kind)])[3] == text


def test_changes_to_a_page_and_new_replies_get_the_path():
    changes = json.dumps({"actions": '<form action="/c/x">'}).encode()
    told = ask([changes], [("Content-Type", "application/json")], QUERY_STRING="format=html")
    assert json.loads(told[3]) == {"actions": '<form action="/chat/c/x">'}
    created = json.dumps({"id": "/i", "poll": "/api/x", "page": "/c/x"}).encode()
    told = ask([created], [("Content-Type", "application/json")], status="201 CREATED")
    assert json.loads(told[3]) == {"id": "/i", "poll": "/chat/api/x", "page": "/chat/c/x"}


@cases(
    ("given", "sent"),
    [
        ("/c/x#newest", "/chat/c/x#newest"),
        ("https://a.example/help/", "https://a.example/chat/help/"),
        ("https://o.example/help/", "https://o.example/help/"),
        ("//o.example/", "//o.example/"),
        ("help/", "help/"),
    ],
)
def test_a_redirect_within_the_site_gets_the_path(given, sent):
    assert ask([], [("Location", given)], status="303 SEE OTHER")[2]["Location"] == sent


def test_cookies_stay_below_the_path():
    cookie = ask([], [("Set-Cookie", "reader=1; HttpOnly; Path=/; SameSite=Lax")])[2]["Set-Cookie"]
    assert cookie == "reader=1; HttpOnly; Path=/chat; SameSite=Lax"


@cases(
    ("told", "trusted", "path"),
    [
        ("/chat", 0, ""),
        ("/chat", 1, "/chat"),
        ("/chat/", 1, "/chat"),
        ("/evil, /chat", 1, "/chat"),
        ("/chat, /inner", 2, "/chat"),
        ("//evil.example", 1, ""),
        ('/"><script>', 1, ""),
    ],
)
def test_a_path_that_a_proxy_names_counts_where_it_is_trusted(told, trusted, path):
    page = [b'<a href="/c/x">']
    body = ask(page, HTML, root="", trusted=trusted, HTTP_X_FORWARDED_PREFIX=told)[3]
    assert body == f'<a href="{path}/c/x">'.encode()
