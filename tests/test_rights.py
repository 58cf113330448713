"""Who may read and who may write a conversation, with cookies and without."""

import html
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from harness.behaviours import FAULTS, answer
from harness.quick_start import start_app
from harness.servers import eventually
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.stores.contract import NewReply, Write

PASSCODE = "open sesame"
HERE = {"Origin": "http://localhost"}


@pytest.fixture
def open_app(site, upstream, tmp_path):
    apps = []

    def open_one(**environment):
        settings = {
            "GEMINI_BASE_URL": upstream.base_url,
            "KINDLECHAT_DATA": str(tmp_path / "data"),
            "KINDLECHAT_RATE_LIMIT": "off",
        }
        apps.append(start_app(settings | environment))
        return apps[-1]

    upstream.script(answer("Because of the air."))
    yield open_one
    for app in apps:
        app.close()


@pytest.fixture
def app(open_app):
    return open_app()


def browser(app, *, cookies=True, address="192.0.2.1"):
    client = app.test_client(use_cookies=cookies)
    client.environ_base |= {"REMOTE_ADDR": address, "HTTP_USER_AGENT": f"Browser at {address}"}
    return client


def stranger(app):
    return browser(app, address="198.51.100.9")


def asked(client, message="Why?", **form):
    """The address to which a question leads, once it is answered."""
    told = client.post("/ask", data={"message": message, **form})
    assert told.status_code == 303, told.text
    address = told.headers["Location"]
    eventually(lambda: "http-equiv" not in page(client, address))
    return address


def page(client, address):
    told = client.get(address, follow_redirects=True)
    assert told.status_code == 200, told.text
    return told.text


def shared(html_page):
    """The address that a page offers for passing on."""
    return re.search(r'href="(/c/[\w-]+)/\d+\.txt"', html_page)[1]


def forms(html_page):
    """The actions of the forms on a page, but for those that everybody may send."""
    return re.findall(r'action="([^"#]*)', html_page)


def fields(html_page, action):
    form = re.search(rf'action="{re.escape(action)}[^>]*>(.*?)</form>', html_page, re.DOTALL)[1]
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)
    }


WRITES = ("stop", "continue", "again", "edit")


@pytest.mark.parametrize("cookies", [True, False])
def test_who_asked_may_write_with_cookies_and_without(app, cookies):
    client = browser(app, cookies=cookies)
    address = asked(client)
    shown = page(client, address)
    action = f"{address}/again"
    assert action in forms(shown)
    again = client.post(action, data=fields(shown, action))
    assert (again.status_code, again.headers["Location"]) == (303, address)
    conversation = address.removeprefix("/c/")
    assert asked(client, "And then?", conversation=conversation) == address
    assert "And then?" in page(client, address)
    assert client.get(f"{address}/edit").status_code == 200


def test_whoever_has_the_address_that_is_passed_on_reads_and_does_not_write(app):
    address = asked(browser(app, cookies=False))
    read_only = shared(page(browser(app, cookies=False), address))
    assert read_only != address
    client = stranger(app)
    shown = page(client, read_only)
    assert "Because of the air." in shown
    assert forms(shown) == [f"{read_only}/copy"]
    assert address.removeprefix("/c/") not in shown
    for write in WRITES:
        for headers in ({}, HERE):
            told = client.post(f"{read_only}/{write}", data={"message": "x"}, headers=headers)
            assert told.status_code == 403
    assert client.get(f"{read_only}/edit").status_code == 403
    told = client.post(
        "/ask", data={"message": "Mine now?", "conversation": read_only.removeprefix("/c/")}
    )
    assert told.status_code == 403
    assert "Mine now?" in told.text, "what was typed is kept"
    assert f'id="back" href="{read_only}"' in told.text
    json = {"message": "Mine now?", "conversation": read_only.removeprefix("/c/")}
    told = client.post("/api/replies", json=json)
    assert (told.status_code, told.json["error"]["code"]) == (403, "read_only")
    assert "Mine now?" not in page(client, read_only)


@pytest.mark.parametrize("view", ["", "?ask=1", "?screen=1&r=3322100000", "/live"])
def test_no_secret_is_on_a_page_of_those_who_read(app, view):
    reply = browser(app).post("/api/replies", json={"message": "Why?"}).json
    eventually(lambda: browser(app).get(reply["poll"]).json["state"] == "done")
    read_only = shared(page(browser(app), reply["page"]))
    shown = page(stranger(app), read_only + view)
    for secret in (reply["id"], reply["conversation"]):
        assert secret not in shown


def test_an_answer_under_way_is_read_but_not_stopped_by_others(app, upstream):
    upstream.script(FAULTS["stall"])
    client = browser(app)
    reply = client.post("/api/replies", json={"message": "Why?"}).json
    eventually(lambda: client.get(reply["poll"]).json["text"] == "Half an ans")
    at_once = "?screen=1"  # it waits for no news
    owned = page(client, reply["page"] + at_once)
    assert f"{reply['page']}/stop" in forms(owned)
    # While it is written no address is offered yet; a reader of the conversation's id:
    read_only = "/c/" + app.store.conversation_of(reply["id"])
    shown = page(stranger(app), read_only + at_once)
    assert "Half an ans" in shown
    assert forms(shown) == [f"{read_only}/copy"]
    assert stranger(app).post(f"{read_only}/stop").status_code == 403
    assert client.get(reply["poll"]).json["state"] == "streaming"
    assert client.post(f"{reply['page']}/stop").status_code == 303
    assert client.get(reply["poll"]).json["state"] == "stopped"


def test_the_owners_cookie_makes_the_address_that_is_passed_on_writable(app):
    client = browser(app)
    address = asked(client)
    read_only = shared(page(client, address))
    shown = page(client, read_only)
    assert f"{address}/again" in forms(shown), "its forms hold the right to write"
    assert client.post(f"{read_only}/again", headers=HERE).status_code == 303
    other = browser(app)
    asked(other, "Something else?")
    assert forms(page(other, read_only)) == [f"{read_only}/copy"]
    assert other.post(f"{read_only}/again", headers=HERE).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),  # an old browser does not say that another site's page made it send this
        ({"Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        (HERE, 303),
        ({"Referer": "http://localhost/c/x"}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
def test_a_cookie_alone_writes_only_from_a_page_of_ours(app, headers, status):
    client = browser(app)
    read_only = shared(page(client, asked(client)))
    assert client.post(f"{read_only}/again", headers=headers).status_code == status


@pytest.mark.parametrize("headers", [{}, HERE, {"Sec-Fetch-Site": "same-origin"}])
def test_settings_are_kept_for_who_sends_the_form_of_their_own_page(app, headers):
    client = browser(app)
    asked(client)
    form = fields(page(client, "/settings"), "/settings")
    told = client.post("/settings", data={**form, "size": "5"}, headers=headers)
    assert told.status_code == 303
    assert client.get_cookie("reading")


def test_no_other_sites_form_sets_the_settings_of_a_browser_that_does_not_say_whence_it_comes(app):
    client, other = browser(app), browser(app, address="198.51.100.9")
    asked(client)
    asked(other, "Something else?")
    foreign = fields(page(other, "/settings"), "/settings")["token"]
    for token in ("", "0" * 16, foreign, "é"):
        told = client.post("/settings", data={"size": "5", "token": token})
        assert told.status_code == 403
    assert client.get_cookie("reading") is None


def test_settings_need_no_token_where_no_cookie_says_who_sends_them(app):
    told = browser(app, cookies=False).post("/settings", data={"size": "5"})
    assert told.status_code == 303
    assert "?r=" in told.headers["Location"]


def test_the_reader_has_no_cookie_before_the_first_question(app):
    client = browser(app)
    for address in ("/", "/settings", "/c/none", "/passcode"):
        assert "reader" not in client.get(address, buffered=True).headers.get("Set-Cookie", "")
    refused = client.post("/ask", data={"message": ""})
    assert "Set-Cookie" not in refused.headers
    told = client.post("/ask", data={"message": "Why?"})
    cookie = told.headers["Set-Cookie"]
    assert re.match(r"reader=[\w-]{22}\.", cookie)
    assert "; Max-Age=34560000; HttpOnly; Path=/; SameSite=Lax" in cookie
    until = parsedate_to_datetime(re.search("Expires=([^;]+)", cookie)[1])
    assert timedelta(days=399) < until - datetime.now(UTC) < timedelta(days=400)
    assert "Secure" not in cookie
    again = client.post("/ask", data={"message": "Why not?"})
    assert "Set-Cookie" not in again.headers


def test_a_cookie_that_was_not_made_here_is_nobodys(app):
    client = browser(app)
    read_only = shared(page(client, asked(client)))
    forged = browser(app)
    value = client.get_cookie("reader").value
    forged.set_cookie("reader", value[:-2] + ("A" if value[-2] != "A" else "B") + value[-1])
    assert forms(page(forged, read_only)) == [f"{read_only}/copy"]


def test_the_askers_program_may_write_by_each_name_that_it_got(app):
    client = browser(app, cookies=False)
    reply = client.post("/api/replies", json={"message": "Why?"}).json
    eventually(lambda: client.get(reply["poll"]).json["state"] == "done")
    follow_up = {"message": "And?", "conversation": reply["conversation"]}
    assert client.post("/api/replies", json=follow_up).status_code == 201
    reply = client.post("/api/replies", json={"message": "Why not?"}).json
    eventually(lambda: client.get(reply["poll"]).json["state"] == "done")
    assert client.post(reply["poll"] + "/again").status_code == 201
    assert f"{reply['page']}/again" in forms(page(client, reply["page"]))
    told = client.get(reply["poll"] + "?format=html").json
    assert f"{reply['page']}/again" in forms(told["actions"]) or told["state"] != "done"


def test_the_same_press_is_led_to_the_address_that_writes(app):
    """Its first response may have been lost, with the cookie in it."""
    client = browser(app, cookies=False)
    form = {"message": "Twice?", "idempotency_key": "k" * 22}
    first, second = (client.post("/ask", data=form).headers["Location"] for _ in range(2))
    assert first == second
    eventually(lambda: "http-equiv" not in page(client, first))
    assert f"{first}/again" in forms(page(client, first))


# Going on in a copy


@pytest.mark.parametrize("cookies", [True, False])
def test_who_reads_goes_on_in_a_copy_of_their_own(app, cookies):
    address = asked(browser(app))
    read_only = shared(page(browser(app), address))
    client = browser(app, cookies=cookies, address="198.51.100.9")
    action = f"{read_only}/copy"
    form = fields(page(client, read_only), action)
    first, second = (client.post(action, data=form) for _ in range(2))
    copy = first.headers["Location"]
    assert second.headers["Location"] == copy, "pressed twice it is one copy"
    assert copy not in (address, read_only)
    shown = page(client, copy)
    assert "Because of the air." in shown
    assert f"{copy}/again" in forms(shown)
    asked(client, "And in my copy?", conversation=copy.removeprefix("/c/"))
    assert "And in my copy?" in page(client, copy)
    assert "And in my copy?" not in page(client, read_only)


def test_no_key_of_a_copy_crosses_readers(app):
    read_only = shared(page(browser(app), asked(browser(app))))
    form = {"idempotency_key": "1"}
    places = {
        browser(app, address=address).post(f"{read_only}/copy", data=form).headers["Location"]
        for address in ("198.51.100.9", "203.0.113.4")
    }
    assert len(places) == 2


def test_a_copy_counts_as_a_question(open_app):
    app = open_app(KINDLECHAT_RATE_LIMIT="2/hour")
    read_only = shared(page(browser(app), asked(browser(app))))
    client = stranger(app)
    presses = [client.post(f"{read_only}/copy", data={"idempotency_key": key}) for key in "abca"]
    # What was copied already costs nothing.
    assert [press.status_code for press in presses] == [303, 303, 429, 303]


# Conversations of before


def from_before(app):
    """A conversation as the version before kept it: of nobody."""
    new = NewReply(new_id(), new_id(), "Why, once?", "lease", "client", seed=())
    app.store.create_reply(new)
    app.store.write([Write(new.id, "lease", 0, "As ever.", State.DONE, None)])
    return f"/c/{new.conversation}"


@pytest.mark.parametrize("cookies", [True, False])
@pytest.mark.parametrize("write", ["again", "edit"])
def test_a_conversation_of_before_belongs_to_whoever_writes_first(app, cookies, write):
    address = from_before(app)
    client = browser(app, cookies=cookies)
    shown = page(client, address)
    assert "As ever." in shown
    action = f"{address}/{write}"
    led = client.post(action, data={"message": "Why, now?"})
    assert led.status_code == 303
    own = led.headers["Location"]
    assert own != address
    eventually(lambda: "http-equiv" not in page(client, own))
    assert f"{own}/again" in forms(page(client, own))
    assert forms(page(stranger(app), address)) == [f"{address}/copy"]
    assert stranger(app).post(f"{address}/again").status_code == 403


@pytest.mark.parametrize("view", ["", "?turn=1", "/live", "/edit", ".txt"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_to_look_at_it_claims_nothing_as_a_preview_of_its_link_does(app, method, view):
    address = from_before(app)
    assert stranger(app).open(address + view, method=method).status_code == 200
    client = browser(app)
    led = client.post(f"{address}/again")
    assert led.status_code == 303
    assert f"{led.headers['Location']}/again" in forms(page(client, led.headers["Location"]))


@pytest.mark.parametrize(
    ("write", "typed"),
    [("title", {"title": "x" * 201}), ("edit", {"message": " "})],
)
def test_what_is_refused_claims_nothing(app, write, typed):
    address = from_before(app)
    client = browser(app, cookies=False)
    assert client.post(f"{address}/{write}", data=typed).status_code == 400
    assert client.post(f"{address}/again").status_code == 303


def test_whoever_wrote_first_may_write_by_an_old_bookmark_too(app):
    address = from_before(app)
    client = browser(app)
    own = client.post(f"{address}/again").headers["Location"]
    eventually(lambda: "http-equiv" not in page(client, own))
    assert f"{own}/again" in forms(page(client, address))


def test_it_belongs_to_whoever_goes_on_in_it_first(app):
    address = from_before(app)
    client = browser(app, cookies=False)
    own = asked(client, "And now?", conversation=address.removeprefix("/c/"))
    assert own != address
    assert f"{own}/again" in forms(page(client, own))
    assert forms(page(stranger(app), address)) == [f"{address}/copy"]


# With a passcode


def test_with_a_passcode_writing_needs_it_too(open_app, upstream):
    app = open_app(KINDLECHAT_PASSCODE=PASSCODE)
    bearer = {"Authorization": f"Bearer {PASSCODE}"}
    upstream.script(FAULTS["stall"])
    client = browser(app, cookies=False)
    reply = client.post("/api/replies", json={"message": "Why?"}, headers=bearer).json
    for stop in (f"{reply['page']}/stop", f"{reply['poll']}/stop"):
        assert client.post(stop).status_code == 401
    assert client.get(reply["poll"]).json["state"] in ("waiting", "streaming")
    assert client.post(f"{reply['page']}/copy").status_code == 401
    assert client.post(f"{reply['poll']}/stop", headers=bearer).status_code == 204
    eventually(lambda: client.get(reply["poll"]).json["state"] in ("stopped", "failed"))
    assert page(client, reply["page"]), "reading does not"


@pytest.mark.parametrize("write", ["again", "edit", "copy"])
def test_a_press_that_a_passcode_held_up_goes_through_with_it_and_without_cookies(open_app, write):
    app = open_app(KINDLECHAT_PASSCODE=PASSCODE)
    client = browser(app, cookies=False)
    form = {"message": "Why?", "passcode": PASSCODE}
    address = client.post("/passcode", data=form).headers["Location"]
    eventually(lambda: "http-equiv" not in page(client, address))
    held_up = client.post(f"{address}/{write}", data={"message": "Edited?"})
    assert held_up.status_code == 401
    for passcode, status in (("wrong wrong", 401), (PASSCODE, 303)):
        pressed = fields(held_up.text, "/passcode") | {"passcode": passcode}
        assert pressed["press"] == f"{address}/{write}"
        held_up = client.post("/passcode", data=pressed)
        assert held_up.status_code == status
    led = held_up.headers["Location"]
    assert (led == address) == (write != "copy")
    assert ("Edited?" in page(client, led)) == (write == "edit")


def test_an_edited_question_that_is_refused_after_the_passcode_can_be_edited_on(open_app):
    app = open_app(KINDLECHAT_PASSCODE=PASSCODE)
    client = browser(app, cookies=False)
    form = {"message": "Why?", "passcode": PASSCODE}
    address = client.post("/passcode", data=form).headers["Location"]
    eventually(lambda: "http-equiv" not in page(client, address))
    held_up = client.post(f"{address}/edit", data={"message": "x" * 8001})
    pressed = fields(held_up.text, "/passcode") | {"passcode": PASSCODE}
    refused = client.post("/passcode", data=pressed)
    assert refused.status_code == 400
    assert forms(refused.text) == [f"{address}/edit"]


@pytest.mark.parametrize("press", ["/ask", "/settings", "//evil.example/", "x", "/c/none/live"])
def test_a_passcode_lets_through_no_other_press(open_app, press):
    app = open_app(KINDLECHAT_PASSCODE=PASSCODE)
    told = browser(app).post("/passcode", data={"passcode": PASSCODE, "press": press})
    assert told.status_code == 404
