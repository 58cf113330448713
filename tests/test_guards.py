"""What one reader sends hurts no other: slow, broken and deep bodies, many connections, foreign names."""

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import gevent
import pytest
import requests

from harness import behaviours as up
from harness.behaviours import answer
from harness.local_app import LocalApp
from harness.servers import AppServer, eventually
from kindlechat.settings import Settings
from kindlechat.web.app import create_app
from kindlechat.web.middleware.hosts import host_name
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.networks import network_of
from kindlechat.web.request.validation import check_message, check_number
from tests.cases import cases

TIMEOUT_S = 20


@pytest.fixture(scope="module")
def settings(site, upstream):
    return {"GEMINI_BASE_URL": upstream.base_url, "KINDLECHAT_GRACE_S": "0"}


@pytest.fixture
def start_app(settings, tmp_path):
    """Start applications whose settings are tried, and not how gunicorn serves them."""
    with ExitStack() as apps:
        yield lambda **more: apps.enter_context(LocalApp(tmp_path, settings, **more))


@pytest.fixture(scope="module")
def app(settings, tmp_path_factory):
    """Its patience is a twentieth."""
    with AppServer(tmp_path_factory.mktemp("app"), settings, haste=20) as server:
        yield server
        server.stop()


@pytest.fixture(autouse=True)
def plain_answer(upstream):
    upstream.script(answer("Because."))


def exchange(app, head, body=b""):
    """Send this and go silent; the whole answer, once the server has closed the connection."""
    host = urlsplit(app.url)
    with socket.create_connection((host.hostname, host.port), timeout=TIMEOUT_S) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n" + body)
        data = b""
        while more := connection.recv(65536):
            data += more
    return data.decode()


def all_at_once(app, sent):
    """The answers to requests that the server waits for: one by one they would take long."""
    jobs = {case: gevent.spawn(exchange, app, *request) for case, request in sent.items()}
    return {case: job.get() for case, job in jobs.items()}


FORM = "Content-Type: application/x-www-form-urlencoded\n"
JSON = "Content-Type: application/json\n"


# Bodies


def test_a_body_that_does_not_arrive_in_time_is_refused(app):
    head = f"POST {{}} HTTP/1.1\nHost: x\n{FORM}Content-Length: 99\n"
    sent = {path: (head.format(path), b"message=W") for path in ("/ask", "/passcode", "/settings")}
    for path, told in all_at_once(app, sent).items():
        assert told.startswith("HTTP/1.1 408 "), path
        assert "took too long" in told, path
    assert "Traceback" not in app.log


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/ask", "application/x-www-form-urlencoded", b"message=Why&more="),
        ("/settings", "application/x-www-form-urlencoded", b"back="),
        ("/api/replies", "application/json", b'{"message": "Why?"}'),
    ],
)
def test_a_body_in_chunks_that_is_too_large_is_refused_and_not_cut(app, path, kind, body):
    told = requests.post(
        app.url + path,
        data=iter([body, b" " * 132_000]),
        headers={"Content-Type": kind},
        allow_redirects=False,
        timeout=TIMEOUT_S,
    )
    assert told.status_code == 413


def test_a_body_of_the_api_that_does_not_arrive_in_time_is_refused(app):
    head = f"POST /api/replies HTTP/1.1\nHost: x\n{JSON}Content-Length: 99\n"
    told = exchange(app, head, b'{"message"')
    assert told.startswith("HTTP/1.1 408 ")
    assert '"code": "too_slow"' in told or '"code":"too_slow"' in told


BROKEN_CHUNKS = (b"zz\r\n", b'5\r\n{"mess', b'3\r\n{"m\r\nXX', b"-1\r\n", b"5;\x00\r\nabcde\r\n")


def test_broken_chunks_are_the_clients_mistake(app):
    head = "POST {} HTTP/1.1\nHost: x\n{}Transfer-Encoding: chunked\nConnection: close\n"
    sent = {
        (path, chunks): (head.format(path, kind), chunks)
        for path, kind in (("/api/replies", JSON), ("/ask", FORM))
        for chunks in BROKEN_CHUNKS
    }
    for case, told in all_at_once(app, sent).items():
        assert told.partition(" ")[2][:3] in ("400", "408"), case
    assert "Traceback" not in app.log
    assert requests.get(f"{app.url}/healthz", timeout=TIMEOUT_S).text == "ok"


@pytest.mark.parametrize("deep", ["[" * 30_000, '{"a":' * 10_000, "[" * 20_000 + "]" * 20_000])
def test_deep_json_is_the_clients_mistake(app, deep):
    told = requests.post(
        f"{app.url}/api/replies",
        data='{"message": ' + deep,
        headers={"Content-Type": "application/json"},
        timeout=TIMEOUT_S,
    )
    assert (told.status_code, told.json()["error"]["code"]) == (400, "bad_json")
    assert "Traceback" not in app.log


@pytest.mark.long
def test_whoever_has_no_question_left_has_less_time_to_send_one(settings, tmp_path):
    """And what was typed is kept all the same, where it came in time."""
    with AppServer(tmp_path, settings, haste=4, KINDLECHAT_RATE_LIMIT="1/hour") as app:
        form = {"message": "The only one?"}
        assert requests.post(f"{app.url}/ask", data=form, timeout=TIMEOUT_S).ok
        kept = requests.post(f"{app.url}/ask", data={"message": "Kept?"}, timeout=TIMEOUT_S)
        assert kept.status_code == 429
        assert "Kept?" in kept.text
        head = f"POST /ask HTTP/1.1\nHost: x\n{FORM}Content-Length: 99\n"
        with gevent.Timeout(4):  # less than the 5 s that others have here
            assert exchange(app, head, b"message=W").startswith("HTTP/1.1 408 ")


# Connections


def test_a_network_has_so_many_requests_served_at_once_and_others_theirs(start_app, upstream):
    app = start_app(KINDLECHAT_CONNECTIONS="2", KINDLECHAT_TRUSTED_PROXIES="1")
    upstream.script(up.FAULTS["stall"])

    def send(method, path, network, **options):
        headers = {"X-Forwarded-For": network}
        url = app.url + path
        return requests.request(method, url, headers=headers, timeout=TIMEOUT_S, **options)

    reply = send("post", "/api/replies", "2001:db8::1", json={"message": "Why?"}).json()
    held = [send("get", reply["stream"], f"2001:db8::{n}", stream=True) for n in (2, 3)]
    refused = send("get", reply["poll"], "2001:db8::4")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert send("get", reply["poll"], "2001:db8:1::4").ok
    assert send("get", "/help/", "2001:db8::4").ok, "a file holds nothing up"
    assert send("get", "/healthz", "2001:db8::4").ok, "a platform may ask through the same router"
    for response in held:
        response.close()
    send("post", reply["poll"] + "/stop", "2001:db8:1::4")
    eventually(lambda: send("get", reply["poll"], "2001:db8::4").ok)


@cases(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:1234", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1:2::3", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1:2::3]:1234", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_a_network_is_what_one_reader_can_pick_addresses_from(address, network):
    assert network_of(address) == network


# Names


@cases(
    ("host", "name"),
    [
        ("Chat.Example:8000", "chat.example"),
        ("chat.example.", "chat.example"),
        ("[::1]:8000", "::1"),
        ("[::1]", "::1"),
        ("", ""),
    ],
)
def test_a_hosts_name_has_no_port_and_no_capitals(host, name):
    assert host_name(host) == name


def test_a_site_answers_to_its_own_names_only_where_they_are_listed(start_app, app):
    named = start_app(KINDLECHAT_HOSTS="chat.example, 192.0.2.7")

    def status(server, host, path="/"):
        headers = {"Host": host}
        return requests.get(server.url + path, headers=headers, timeout=TIMEOUT_S).status_code

    for host in ("chat.example", "CHAT.example:8000", "192.0.2.7"):
        assert status(named, host) == 200
    for host in ("evil.example", "chat.example.evil.example", "xchat.example"):
        assert status(named, host) == 421
        assert status(named, host, "/api/replies/none") == 421
        assert status(named, host, "/healthz") == 200
        assert status(app, host) == 200


# What everybody may know


def test_no_other_sites_script_may_read_a_page(app):
    for path in ("/", "/help/", "/c/none", "/robots.txt"):
        answered = requests.get(app.url + path, timeout=TIMEOUT_S)
        assert "Access-Control-Allow-Origin" not in answered.headers
        assert '"' not in answered.headers["Content-Type"]
        if path != "/robots.txt":
            assert answered.headers["Content-Type"] == "text/html; charset=utf-8"


def test_who_asks_after_its_health_does_not_learn_what_is_wrong(site, tmp_path, caplog):
    app = create_app(Settings.from_env({"KINDLECHAT_DATA": str(tmp_path), "GEMINI_API_KEY": "k"}))
    asked = app.test_client().get("/healthz")
    assert (asked.status_code, asked.text) == (200, "ok")
    app.store.path.unlink()
    asked = app.test_client().get("/healthz")
    assert (asked.status_code, asked.text) == (503, "trouble")
    assert f"{tmp_path}/kindlechat.sqlite3: the file was deleted" in caplog.text
    app.close()
    assert all(task.dead for task in app.background), "nothing deletes from a store that is closed"


class TestLongQuestions:
    """A question is cleaned before it is measured, unless it is many times too long."""

    def test_what_is_left_out_does_not_count(self):
        assert check_message(" \r\n" * 20_000 + "a\r\n" * 4000 + "\x01") == ("a\n" * 4000)[:-1]

    def test_what_is_far_too_long_is_refused_as_it_is(self):
        with pytest.raises(Refusal) as caught:
            check_message("a\x01" * 20_000)
        assert caught.value.values["got"] == 40_000


@cases("value", ["", "0", "-1", "+1", "4", "1.0", "\u0663", "1 ", "0" * 7 + "1", "1" * 5000])
def test_what_is_no_number_up_to_the_last_is_not_found(value):
    with pytest.raises(Refusal):
        check_number(value, 3)
    assert check_number("3", 3) == 3
