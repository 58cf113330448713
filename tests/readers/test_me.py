"""A reader comes back by a link or five words, and can be forgotten."""

import logging
import re

import pytest

from harness.behaviours import FAULTS, answer
from harness.servers import eventually
from kindlechat.relay import new_id
from tests.readers.browsers import Browser, links

HERE = {"Origin": "http://localhost"}


def test_nobody_is_known_before_the_first_question(stranger):
    page = stranger.page("/me")
    assert 'id="notice"' in page
    assert "<form" not in page
    for address in ("/me", "/me/find", "/me/forget", "/me/conversations"):
        assert "Set-Cookie" not in stranger.get(address).headers
    assert stranger.get("/me/forget").status_code == 403
    assert stranger.client.post("/me/keys/link", headers=HERE).status_code == 403


class TestTheLink:
    def test_it_opens_the_conversations_on_another_device(self, app, reader):
        link, other = reader.key("link"), Browser(app)
        assert links(other.page(link)) == reader.owned == ["Why?"]
        other.ask("From the other?")
        assert set(reader.owned) == {"Why?", "From the other?"}

    def test_it_works_again_and_again_and_is_shown_to_its_reader_alone(self, app, reader):
        link = reader.key("link")
        assert reader.key("link") == link
        for _ in range(2):
            assert Browser(app).page(link)
        other = Browser(app)
        other.ask()
        assert link not in other.page("/me")
        assert link not in reader.page("/") + reader.page("/me/conversations")

    def test_a_browser_without_cookies_loses_nothing(self, app, reader):
        reader.ask("And red?")
        other = Browser(app, cookies=False)
        page = other.page(reader.key("link"))
        assert links(page) == ["And red?", "Why?"]
        assert 'id="notice"' in page
        (address, *_) = re.findall(r'<li><a href="([^"]+)"', page)
        assert f'action="{address}/again"' in other.page(address), "it may write"
        led = other.get(reader.key("link")).headers["Location"]
        assert '<span dir="ltr">Why?</span></a>' in other.page(f"/ar{led}")

    def test_its_address_is_left_at_once_so_no_page_is_opened_from_it(self, app, reader):
        told = Browser(app).get(reader.key("link"))
        assert told.status_code == 303
        assert told.headers["Cache-Control"] == "no-store"
        assert reader.key("link").removeprefix("/me/") not in told.headers["Location"] + told.text

    def test_a_new_one_takes_its_place_and_a_withdrawn_one_leads_nowhere(self, app, reader):
        old = reader.key("link")
        reader.press("/me", "/me/keys/link")
        new = reader.key("link")
        assert new != old
        assert Browser(app).get(old).status_code == 404
        assert Browser(app).page(new)
        reader.press("/me", "/me/keys/link/withdraw")
        assert Browser(app).get(new).status_code == 404
        assert 'id="make-link"' in reader.page("/me")

    def test_unknown_withdrawn_and_foreign_links_are_one_and_the_same_404(self, app, reader):
        withdrawn = reader.key("link")
        reader.press("/me", "/me/keys/link/withdraw")
        shelf = reader.key("shelf").removeprefix("/opds/")
        told = [
            Browser(app).get(address)
            for address in (withdrawn, f"/me/{new_id()}", "/me/x", f"/me/{shelf}", "/me/é%00")
        ]
        assert {each.status_code for each in told} == {404}
        assert len({each.text for each in told}) == 1

    def test_who_has_other_conversations_or_comes_from_elsewhere_is_asked_first(self, app, reader):
        link = reader.key("link")
        other = Browser(app)
        other.ask("Mine?")
        page = other.page(link)
        assert links(page) == []
        assert other.owned == ["Mine?"], "nothing has changed yet"
        led = other.press(link, "/me/enter")
        assert links(other.page(led.headers["Location"])) == ["Why?"]
        assert other.owned == ["Why?"]
        from_elsewhere = {"Referer": "http://evil.example/"}
        for headers in (from_elsewhere, {"Sec-Fetch-Site": "cross-site"}):
            told = Browser(app).get(link, headers=headers)
            assert "/me/enter" in told.headers["Location"]
            assert "Set-Cookie" not in told.headers
        assert "Set-Cookie" in Browser(app).get(link, headers={"Sec-Fetch-Site": "none"}).headers

    def test_a_browser_takes_its_own_conversations_along_where_its_reader_says_so(
        self, app, reader
    ):
        link, other = reader.key("link"), Browser(app)
        address = other.ask("Mine?")
        led = other.press(link, "/me/enter/along")
        assert links(other.page(led.headers["Location"])) == ["Mine?", "Why?"]
        assert other.owned == reader.owned == ["Mine?", "Why?"]
        assert f'action="{address}/again"' in reader.page(address), "it may write"
        assert links(reader.page("/conversations?q=Mine")) == ["Mine?"]

    def test_nothing_comes_along_unasked(self, app, reader):
        """Neither by another site's form, nor from a browser that has nothing."""
        link, other = reader.key("link"), Browser(app)
        other.ask("Mine?")
        visit = other.get(link).headers["Location"].partition("visit=")[2]
        assert 'id="along"' in other.page(f"/me/enter?visit={visit}")
        told = other.client.post("/me/enter/along", data={"visit": visit})
        assert told.status_code == 403
        assert (other.owned, reader.owned) == (["Mine?"], ["Why?"])
        new = Browser(app)
        page = new.client.get(link, headers={"Referer": "http://a.example/"}, follow_redirects=True)
        assert 'id="along"' not in page.text
        assert new.client.post("/me/enter/along", data={"visit": visit}).status_code == 403
        assert (
            new.client.post("/me/enter/along", data={"visit": "x"}, headers=HERE).status_code == 403
        )

    @pytest.mark.parametrize("visit", ["", "x", "x.y.z", "é"])
    def test_nobody_enters_by_a_ticket_that_was_made_up(self, stranger, visit):
        assert stranger.get("/me/enter", query_string={"visit": visit}).status_code == 404
        assert stranger.client.post("/me/enter", data={"visit": visit}).status_code == 404
        assert stranger.get("/me/conversations", query_string={"visit": visit}).status_code == 404

    def test_a_ticket_is_no_cookie_and_a_cookie_no_ticket(self, app, reader):
        cookie = reader.client.get_cookie("reader").value
        assert Browser(app).get(f"/me/enter?visit={cookie}").status_code == 404
        location = Browser(app).get(reader.key("link")).headers["Location"]
        thief = Browser(app)
        thief.client.set_cookie("reader", location.partition("visit=")[2])
        assert 'id="own-link"' not in thief.page("/me")

    def test_no_log_has_it(self, open_app, caplog):
        app = open_app(KINDLECHAT_LOG_REQUESTS="on")
        caplog.set_level(logging.DEBUG)
        reader = Browser(app)
        reader.ask()
        link, shelf = reader.key("link"), reader.key("shelf")
        for address in (link, shelf, f"{link}x", f"/de{link}"):
            Browser(app).get(address)
        logged = "\n".join(f"{each.getMessage()} {vars(each)}" for each in caplog.records)
        assert "/me/" in logged
        for secret in (link, shelf):
            token = secret.rpartition("/")[2]
            assert not re.search(f"{re.escape(token[:4])}", logged)


class TestTheWords:
    def test_they_find_the_conversations_however_they_are_typed(self, app, reader):
        words = reader.key("phrase")
        assert len(words.split()) == 5
        other = Browser(app)
        led = other.press("/me/find", "/me/find", phrase=f" {words.upper().replace(' ', ', ')}. ")
        assert links(other.page(led.headers["Location"])) == ["Why?"]
        assert other.owned == ["Why?"]

    def test_wrong_ones_are_told_and_kept(self, app, reader):
        reader.key("phrase")
        told = Browser(app).press("/me/find", "/me/find", phrase="one two three four <five>")
        assert told.status_code == 404
        assert "one two three four &lt;five&gt;" in told.text
        assert "Set-Cookie" not in told.headers

    def test_a_network_has_ten_tries_an_hour_right_ones_too(self, app, reader):
        words, other = reader.key("phrase"), Browser(app)
        tries = [
            other.client.post("/me/find", data={"phrase": phrase}).status_code
            for phrase in ["wrong"] * 9 + [words] * 2
        ]
        assert tries == [404] * 9 + [303, 429]
        told = other.client.post("/me/find", data={"phrase": words})
        assert 3500 < int(told.headers["Retry-After"]) <= 3600
        too_large = other.client.post("/me/find", data={"phrase": words * 9000})
        assert too_large.status_code == 429, "told without a look at the form"
        assert Browser(app).client.post("/me/find", data={"phrase": words}).status_code == 303

    def test_who_has_other_conversations_is_asked_first(self, app, reader):
        words, other = reader.key("phrase"), Browser(app)
        other.ask("Mine?")
        led = other.press("/me/find", "/me/find", phrase=words)
        assert "/me/enter" in led.headers["Location"]
        assert other.owned == ["Mine?"], "nothing has changed yet"
        other.press(led.headers["Location"], "/me/enter")
        assert other.owned == ["Why?"]

    def test_no_other_sites_form_makes_a_reader_somebody_else(self, app, reader):
        """Neither by words nor by the ticket that they give: what the browser asked would be theirs."""
        words, victim = reader.key("phrase"), Browser(app)
        visit = Browser(app).client.post("/me/find", data={"phrase": words}).headers["Location"]
        ticket = {"visit": visit.partition("visit=")[2]}
        victim.ask("Mine?")
        for press, form in (("find", {"phrase": words}), ("enter", ticket)):
            told = victim.client.post(f"/me/{press}", data=form)
            assert "Set-Cookie" not in told.headers
        assert told.status_code == 403
        assert victim.owned == ["Mine?"]

    def test_replaced_ones_find_nobody(self, app, reader):
        words = reader.key("phrase")
        reader.press("/me", "/me/keys/phrase")
        assert reader.key("phrase") != words
        assert Browser(app).client.post("/me/find", data={"phrase": words}).status_code == 404


@pytest.mark.parametrize("press", ["keys/link", "keys/link/withdraw", "forget"])
def test_no_other_sites_form_acts_for_a_reader(reader, press):
    reader.key("link")
    for about in ({}, {"headers": {"Origin": "http://evil.example"}}):
        told = reader.client.post(f"/me/{press}", data={"token": "0" * 16}, **about)
        assert told.status_code == 403
    assert reader.owned == ["Why?"]
    assert reader.client.post("/me/keys/evil", headers=HERE).status_code == 404


class TestForgetting:
    def test_it_is_asked_first_and_then_nothing_is_left(self, app, reader):
        address, link = reader.ask("And red?"), reader.key("link")
        words, shelf = reader.key("phrase"), reader.key("shelf")
        other = Browser(app)
        other.ask("Mine?")
        assert 'action="/me/forget"' in reader.page("/me/forget")
        assert set(reader.owned) == {"Why?", "And red?"}
        told = reader.press("/me/forget", "/me/forget")
        assert told.status_code == 200
        assert reader.client.get_cookie("reader") is None
        for gone in (address, link, shelf):
            assert Browser(app).get(gone).status_code == 404
        assert Browser(app).client.post("/me/find", data={"phrase": words}).status_code == 404
        assert other.owned == ["Mine?"]

    def test_what_is_being_written_is_stopped(self, open_app, upstream):
        app = open_app()
        upstream.script(FAULTS["stall"])
        reader = Browser(app)
        reply = reader.client.post("/api/replies", json={"message": "Why?"}).json
        eventually(lambda: reader.get(reply["poll"]).json["text"])
        reader.press("/me/forget", "/me/forget")
        upstream.script(answer("Because of the **air**."))
        assert app.store.reply(reply["id"]) is None
        assert reader.get(reply["poll"]).json.get("text", "") == ""

    @pytest.mark.parametrize("store", ["sqlite", "redis"])
    def test_what_another_process_writes_is_stopped(
        self, open_app, upstream, redis_server, tmp_path, store
    ):
        on_redis = {"REDIS_URL": redis_server.url, "SECRET_KEY": "secret" * 8}
        there, here = (
            open_app(**(on_redis if store == "redis" else {"KINDLECHAT_DATA": str(tmp_path)}))
            for _ in range(2)
        )
        upstream.script(FAULTS["stall"])
        asker, reader = Browser(there), Browser(here)
        reply = asker.client.post("/api/replies", json={"message": "Why?"}).json
        reader.client.set_cookie("reader", asker.client.get_cookie("reader").value)
        eventually(lambda: reader.get(reply["poll"]).json["text"])
        reader.press("/me/forget", "/me/forget")
        upstream.script(answer("Because of the **air**."))
        assert reader.get(reply["poll"]).status_code == 404
        eventually(lambda: asker.get(reply["poll"]).status_code == 404)


class TestTheApi:
    def test_the_cookies_value_is_a_programs_token(self, app, reader):
        token = reader.client.get_cookie("reader").value
        program = Browser(app, cookies=False)
        bearer = {"Authorization": f"Bearer {token}"}
        asked = program.client.post("/api/replies", json={"message": "By it?"}, headers=bearer)
        assert asked.status_code == 201
        assert "Set-Cookie" not in asked.headers
        assert set(reader.owned) == {"Why?", "By it?"}
        conversation = app.store.conversation_of(asked.json["id"])
        eventually(lambda: program.get(asked.json["poll"]).json["state"] == "done")
        more = {"message": "More?", "conversation": conversation}
        assert program.client.post("/api/replies", json=more).status_code == 403
        assert program.client.post("/api/replies", json=more, headers=bearer).status_code == 201

    def test_a_passcode_goes_beside_it(self, open_app):
        app = open_app(KINDLECHAT_PASSCODE="open sesame")
        program = Browser(app, cookies=False)
        passcode = {"X-Passcode": "open sesame"}
        json = {"message": "Why?"}
        asked = program.client.post("/api/replies", json=json, headers=passcode)
        assert asked.status_code == 201
        token = re.match(r"reader=([^;]+)", asked.headers["Set-Cookie"])[1]
        bearer = {"Authorization": f"Bearer {token}"}
        for headers, status in (
            (bearer, 401),
            (bearer | {"X-Passcode": "wrong wrong"}, 401),
            (bearer | passcode, 201),
            ({"Authorization": "Bearer open sesame"}, 201),
        ):
            told = program.client.post("/api/replies", json=json, headers=headers)
            assert told.status_code == status

    def test_a_program_can_have_its_reader_forgotten(self, app, reader):
        token = reader.client.get_cookie("reader").value
        program = Browser(app, cookies=False)
        assert program.client.delete("/api/reader").status_code == 403
        bearer = {"Authorization": f"Bearer {token}"}
        assert program.client.delete("/api/reader", headers=bearer).status_code == 204
        assert reader.owned == []

    def test_a_cookie_alone_forgets_nobody_by_the_api(self, reader):
        assert reader.client.delete("/api/reader").status_code == 403
        assert reader.owned == ["Why?"]
