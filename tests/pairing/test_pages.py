"""A reader shows what is asked on the phone beside it."""

import html
import logging
import re

import pytest

from harness.waiting import eventually
from kindlechat.pairing.codes import typed_code
from kindlechat.stores.contract import OFFER_S
from tests.apps import ON_BOTH_STORES, has, link
from tests.pairing.conftest import Phone, Reader, code_on, pair


def asked(page):
    """The question that a conversation's page shows."""
    (shown,) = re.findall(r'id="question"[^>]*>\s*<b>[^<]*</b> ([^<]*)<', page)
    return shown.strip()


@pytest.fixture(scope="module")
def guarded_app(open_app):
    return open_app(KINDLECHAT_PASSCODE="open sesame")


def look(reader, address):
    """Where a look for news leads from a page."""
    return reader.get(link(reader.page(address), "look"))


def send_first(reader, phone, question):
    """Pair both and ask on the phone; returns where the reader's page leads to then."""
    before = link(reader.page(pair(reader, phone)), "look")
    assert phone.send(question).status_code == 303
    return reader.get(before).headers["Location"]


@ON_BOTH_STORES
def test_what_the_phone_asks_appears_on_the_reader_and_belongs_to_it(app, reader, phone):
    address = reader.show_code()
    waiting = reader.page(address)
    assert re.search(r'http-equiv="refresh" content="[5-9];', waiting)
    assert look(reader, address).status_code == 200
    told = phone.type_code(code_on(waiting).lower())
    assert told.headers["Location"] == "/pair"
    joined = look(reader, address).text
    assert has(joined, "paired")
    sent = phone.send("Why is the sky blue?")
    assert has(phone.page(sent.headers["Location"]), "sent")
    led = reader.get(link(joined, "look"))
    assert led.status_code == 303
    assert led.headers["Location"].startswith("/c/")
    page = reader.page(led.headers["Location"])
    assert asked(page) == "Why is the sky blue?"
    assert has(page, "paired")
    eventually(lambda: "Because of the air." in reader.page(led.headers["Location"]))
    assert "Why is the sky blue?" in reader.page("/conversations")
    assert has(reader.page(led.headers["Location"]), "again"), "it may write"
    assert "Why is the sky blue?" not in phone.page("/conversations")
    assert phone.client.get_cookie("reader") is None


def test_the_phone_goes_on_in_the_conversation_and_begins_another_one(reader, phone):
    first = send_first(reader, phone, "One?")
    for question in ("Two?", "Three?"):
        eventually(lambda: has(reader.page(first), "again"))
        phone.send(question)
    page = reader.page(first)
    assert asked(page) == "Three?"
    assert "One?" in page
    phone.send("Something else?", new="1")
    second = reader.get(first).headers["Location"]
    assert second.partition("?")[0] != first.partition("?")[0]
    page = reader.page(second)
    assert asked(page) == "Something else?"
    assert "One?" not in page


def test_a_page_of_a_conversation_follows_the_phone_without_a_script_and_with_one(reader, phone):
    start = reader.ask("My own?")
    address = pair(reader, phone, f"{start}/phone")
    page = reader.page(start)
    (refresh,) = re.findall(
        r'<noscript><meta http-equiv="refresh" content="(\d+); url=([^"]+)"', page
    )
    assert int(refresh[0]) >= 5
    itself = refresh[1].replace("&amp;", "&")
    assert asked(reader.page(itself)) == "My own?"
    assert "/assets/pair." in page
    news = link(page, "look").replace("?", "/news?")
    assert reader.get(news).text == ""
    phone.send("And from the phone?")
    assert reader.get(news).text == "news"
    led = reader.get(itself)
    assert led.headers["Location"].partition("?")[0] == start
    assert asked(reader.page(led.headers["Location"])) == "And from the phone?"
    assert "My own?" in reader.page(led.headers["Location"])
    assert look(reader, start).status_code == 200, "nothing new since"
    turn = reader.page(f"{start}?turn=1")
    (itself,) = re.findall(r'<noscript><meta[^>]*url=([^"]+)"', turn)
    assert "turn=1" in itself, "who reads an earlier turn stays there"
    assert has(reader.page(address), "unpair")


def test_a_reader_without_cookies_follows_by_its_address(app, phone):
    reader = Reader(app, cookies=False)
    led = send_first(reader, phone, "Why?")
    page = reader.page(led)
    assert asked(page) == "Why?"
    assert has(page, "paired")
    eventually(lambda: "<noscript><meta" in reader.page(led))
    phone.send("Something else?", new="1")
    led = reader.get(led).headers["Location"]
    assert asked(reader.page(led)) == "Something else?"
    assert not has(reader.page(led.partition("?")[0]), "paired")


class TestTheQrCode:
    def scanned(self, app, reader, page):
        pair_ = app.store.pair_known_by(reader_hash(app, re.search(r"/pair/at/([\w-]+)", page)[1]))
        return f"/pair/{keys(app).secret(pair_)}"

    def test_it_opens_a_button_and_the_button_pairs(self, app, reader, phone):
        address = reader.show_code()
        page = reader.page(address)
        png = reader.get(re.search(r'src="([^"]+/qr.png)"', page)[1])
        assert png.mimetype == "image/png"
        assert png.headers["Cache-Control"] == "no-store"
        scanned = self.scanned(app, reader, page)
        for _ in range(2):
            led = phone.get(scanned)
            assert led.status_code == 303
            assert led.headers["Location"] == "/pair"
            assert led.headers["Cache-Control"] == "no-store"
        assert scanned[6:] not in led.text
        shown = phone.page("/pair")
        assert not has(shown, "code")
        assert scanned[6:] not in shown
        assert has(look(reader, address).text, "code"), "a look pairs nobody"
        assert phone.press(shown, "/pair").status_code == 303
        assert has(phone.page("/pair"), "paired")
        assert has(look(reader, address).text, "paired")
        other = Phone(app)
        other.get(scanned)
        told = other.press(other.page("/pair"), "/pair")
        assert told.status_code == 404, "it works once"
        assert has(told.text, "code"), "and a code can be typed instead"

    def test_a_text_browser_gets_half_blocks(self, reader):
        address = reader.show_code()
        reader.client.environ_base["HTTP_USER_AGENT"] = "w3m/0.5.3+git20230121"
        page = reader.page(address)
        assert "<img" not in page
        (drawn,) = re.findall(r'<pre id="qr">([^<]+)</pre>', page)
        assert set(html.unescape(drawn)) == set("█▀▄ \n")

    def test_no_log_has_a_secret(self, open_app, caplog):
        app = open_app(KINDLECHAT_LOG_REQUESTS="on")
        caplog.set_level(logging.DEBUG)
        reader, phone = Reader(app), Phone(app)
        address = reader.show_code()
        page = reader.page(address)
        scanned = self.scanned(app, reader, page)
        reader.get(f"/de{address}/qr.png")
        phone.get(scanned)
        phone.get(f"/de{scanned}")
        phone.press(phone.page("/pair"), "/pair")
        phone.send("A private question?")
        logged = "\n".join(f"{each.getMessage()} {vars(each)}" for each in caplog.records)
        assert "/pair" in logged
        assert "private" not in logged
        for secret in (scanned, address):
            assert secret.rpartition("/")[2][:5] not in logged


def keys(app):
    return app.extensions["kindlechat"].pair_keys


def reader_hash(app, secret):
    return keys(app).reader_hash(secret)


class TestGuessing:
    def test_a_network_has_ten_guesses_an_hour_right_ones_too(self, app, reader):
        code = code_on(reader.page(reader.show_code()))
        guesser = Phone(app)
        tries = [guesser.type_code(typed).status_code for typed in ["000 000"] * 10 + [code]]
        assert tries == [404] * 10 + [429]
        told = guesser.type_code(code)
        assert 3500 < int(told.headers["Retry-After"]) <= 3600
        assert has(told.text, "notice")
        assert Phone(app).type_code(code).status_code == 303, "it was not used up"

    def test_a_neighbourhood_has_more_of_them_but_not_any_number(self, app):
        statuses = [
            Phone(app, network=f"2001:db8:7:{number:x}::1").type_code("000 000").status_code
            for number in range(61)
        ]
        assert statuses == [404] * 60 + [429]

    @pytest.mark.parametrize(
        "typed", ["", "12345", "' OR 1=1", "é" * 6, "0" * 5000, "\0\0\0\0\0\0"]
    )
    def test_what_is_no_code_pairs_nobody(self, app, typed):
        phone = Phone(app)
        told = phone.type_code(typed)
        assert told.status_code == 404
        assert phone.client.get_cookie("phone") is None

    def test_a_code_works_once_and_another_ones_phone_is_no_key(self, app, reader, phone):
        address = reader.show_code()
        code = code_on(reader.page(address))
        assert phone.type_code(code).status_code == 303
        other = Phone(app)
        assert other.type_code(code).status_code == 404
        secret = address.rpartition("/")[2]
        other.client.set_cookie("phone", secret)
        assert not has(other.page("/pair"), "paired")
        assert other.client.post("/pair/ask", data={"message": "Why?"}).status_code == 403
        phone_secret = phone.client.get_cookie("phone").value
        assert Reader(app).get(f"/pair/at/{phone_secret}").status_code == 404
        assert Reader(app).get("/pair/at/x").status_code == 404

    def test_codes_that_are_taken_are_made_anew(self, app, reader, monkeypatch):
        taken = Reader(app)
        code = code_on(taken.page(taken.show_code()))
        real = keys(app).code
        given = iter([typed_code(code), typed_code(code)])
        monkeypatch.setattr(
            type(keys(app)), "code", lambda self, pair: next(given, None) or real(pair)
        )
        address = reader.show_code()
        monkeypatch.undo()
        assert code_on(reader.page(address)) != code

    def test_a_network_has_so_many_codes(self, app, reader):
        told = [reader.get("/pair/keyboard").status_code for _ in range(61)]
        assert told == [303] * 60 + [429]


class TestTheEnd:
    def test_the_phone_ends_it(self, reader, phone):
        start = send_first(reader, phone, "Why?")
        address = link(reader.page(start), "unpair")
        news = link(reader.page(start), "look").replace("?", "/news?")
        assert phone.press(phone.page("/pair"), "/pair/end").status_code == 303
        assert has(phone.page("/pair"), "code")
        assert reader.get(news).status_code == 404
        assert not has(reader.page(start), "paired")
        assert has(reader.page(address, 404), "use-phone")
        assert phone.client.post("/pair/ask", data={"message": "Why?"}).status_code == 403

    def test_the_reader_ends_it(self, reader, phone):
        address = pair(reader, phone)
        page = reader.page(address)
        told = phone.page("/pair")
        reader.press(page, f"{address}/end")
        assert not has(phone.page("/pair"), "paired")
        assert phone.press(told, "/pair/ask", message="Why?").status_code == 403
        assert reader.client.post(f"{address}/end", data={"end": "1"}).status_code == 303

    def test_a_new_phone_takes_the_place_of_the_old_one_only_after_that(self, app, reader, phone):
        address = pair(reader, phone)
        assert reader.show_code() == address, "it is paired already"
        reader.press(reader.page(address), f"{address}/end")
        other = Phone(app)
        assert pair(reader, other) != address
        assert has(other.page("/pair"), "paired")

    def test_a_phone_types_for_one_reader(self, app, reader, phone):
        first = pair(reader, phone)
        other = Reader(app)
        page = other.page(other.show_code())
        joined = phone.client.post(
            "/pair", data={"code": code_on(page)}, headers={"Origin": "http://localhost"}
        )
        assert joined.status_code == 303
        assert reader.get(first).status_code == 404

    def test_who_is_forgotten_is_unpaired(self, reader, phone):
        pair(reader, phone)
        reader.press(reader.page("/me/forget"), "/me/forget")
        assert not has(phone.page("/pair"), "paired")

    def test_the_first_page_says_it_too(self, reader, phone):
        reader.ask()
        assert not has(reader.page("/"), "paired")
        address = pair(reader, phone)
        assert link(reader.page("/"), "unpair") == address


class TestOtherSites:
    def test_no_other_sites_form_acts(self, app, reader, phone):
        address = pair(reader, phone)
        code = code_on(Reader(app).page(Reader(app).show_code()))
        evil = {"Origin": "http://evil.example"}
        for action, data in (
            ("/pair/ask", {"message": "Why?"}),
            ("/pair/end", {}),
            ("/pair", {"code": code}),
        ):
            assert phone.client.post(action, data=data, headers=evil).status_code == 403
            made_up = {**data, "token": "0" * 16}
            assert phone.client.post(action, data=made_up).status_code == 403
        assert has(reader.page(address), "paired")
        assert look(reader, address).status_code == 200, "nothing was asked"

    def test_a_reader_may_not_lead_the_phone_into_what_it_only_reads(self, app, reader, phone):
        owner = Reader(app)
        name = owner.ask("Mine?").rpartition("/")[2]
        conversation = app.extensions["kindlechat"].write_keys.id_of(name)
        assert reader.get(f"/c/{conversation}/phone").status_code == 403
        assert not has(reader.page(f"/c/{conversation}"), "use-phone")


class TestThePhonesPage:
    def test_what_was_typed_is_not_lost(self, app, reader, phone):
        pair(reader, phone)
        told = phone.send("x" * 8001)
        assert told.status_code == 400
        assert "x" * 8001 in told.text
        assert has(told.text, "notice")
        assert phone.send("  ").status_code == 400

    def test_a_button_that_is_pressed_twice_asks_once(self, app, reader, phone):
        pair(reader, phone)
        page = phone.page("/pair")
        for _ in range(2):
            assert phone.press(page, "/pair/ask", message="Twice?").status_code == 303
        owner = app.store.pair_known_by(phone_hash(app, phone)).owner_hash
        assert [talk.turns for talk in app.store.list_owned(owner, 9)] == [1]

    def test_it_is_prepared_for_dictation_in_its_language(self, reader, phone):
        pair(reader, phone)
        page = phone.page("/ru/pair")
        assert re.search(r'<textarea [^>]*lang="ru" inputmode="text"', page)

    def test_a_code_lapses(self, app, reader, phone):
        code = code_on(reader.page(reader.show_code()))
        real = app.store._clock
        app.store._clock = lambda: real() + OFFER_S
        try:
            assert phone.type_code(code).status_code == 404
        finally:
            app.store._clock = real


def phone_hash(app, phone):
    return keys(app).phone_hash(phone.client.get_cookie("phone").value)


class TestThePasscode:
    @pytest.fixture
    def app(self, guarded_app):
        return guarded_app

    @pytest.fixture
    def reader(self, app):
        return Reader(app)

    @pytest.fixture
    def phone(self, app):
        return Phone(app)

    def let_in(self, browser):
        told = browser.client.post("/passcode", data={"passcode": "open sesame"})
        assert told.status_code == 303

    def test_a_phone_that_is_let_in_lets_the_reader_in(self, reader, phone):
        self.let_in(phone)
        assert has(phone.page("/pair"), "pair")
        address = reader.show_code()
        assert reader.client.post("/ask", data={"message": "Why?"}).status_code == 401
        phone.type_code(code_on(reader.page(address)))
        assert has(look(reader, address).text, "let-in")
        assert reader.client.post("/ask", data={"message": "Why?"}).status_code == 303

    def test_one_that_is_not_is_asked_first_and_the_code_is_not_used_up(self, reader, phone):
        address = reader.show_code()
        code = code_on(reader.page(address))
        wanted = phone.type_code(code)
        assert wanted.status_code == 401
        assert has(look(reader, address).text, "code")
        led = phone.press(wanted.text, "/passcode", passcode="open sesame")
        assert led.status_code == 303, led.text
        assert has(phone.page("/pair"), "paired")
        assert has(reader.page(address), "let-in")
        assert reader.client.get_cookie("kindlechat_pass")

    def test_it_is_for_ten_minutes_and_for_this_reader(self, app, reader, phone):
        self.let_in(phone)
        address = pair(reader, phone)
        assert "Set-Cookie" not in Reader(app).get("/pair/at/x").headers
        real = app.store._clock
        app.store._clock = lambda: real() + OFFER_S
        try:
            told = reader.get(address)
        finally:
            app.store._clock = real
        assert not has(told.text, "let-in")
        assert "Set-Cookie" not in told.headers

    def test_a_phone_that_is_no_longer_let_in_asks_nothing(self, reader, phone):
        self.let_in(phone)
        pair(reader, phone)
        page = phone.page("/pair")
        phone.client.delete_cookie("kindlechat_pass")
        told = phone.press(page, "/pair/ask", message="Kept?")
        assert told.status_code == 401
        assert "Kept?" in told.text
