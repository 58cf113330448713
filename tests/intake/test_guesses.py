"""How often the passcode can be guessed."""

import hashlib
from collections import Counter
from itertools import accumulate

import pytest

from tests.intake.readers import HOME, ask, reader_of


class TestGuesses:
    """A passcode cannot be guessed from many networks, and guessing shuts out nobody who is in."""

    PASSCODE = "korrekt-пароль"

    @pytest.fixture
    def app(self, open_app):
        return open_app(KINDLECHAT_PASSCODE=self.PASSCODE)

    def guess(self, app, address, passcode="wrong"):
        return reader_of(app, address).post("/passcode", data={"passcode": passcode})

    def statuses(self, app, addresses):
        return Counter(self.guess(app, address).status_code for address in addresses)

    def test_a_neighbourhood_of_networks_is_one_guesser(self, app):
        networks = (f"2001:db8:1:{n:x}::1" for n in range(50))
        assert self.statuses(app, networks) == {401: 20, 429: 30}
        assert self.guess(app, "2001:db8:1:ffff::1", self.PASSCODE).status_code == 429
        assert self.guess(app, "2001:db8:2::1").status_code == 401

    def test_an_old_networks_neighbours_are_one_guesser(self, app):
        assert self.statuses(app, (f"203.0.113.{n}" for n in range(50))) == {401: 20, 429: 30}

    def test_everybody_together_guesses_so_often(self, app):
        neighbourhoods = (f"2001:db8:{n:x}::1" for n in range(50))
        assert self.statuses(app, neighbourhoods) == {401: 30, 429: 20}
        assert self.guess(app, "2001:db8:ffff::1", self.PASSCODE).status_code == 429

    def test_who_goes_on_waits_ever_longer(self, app, clock):
        waits, guessed = [], 0
        while max(waits, default=0) < 12 * 3600:
            answer = self.guess(app, f"2001:db8:{guessed:x}::1")
            guessed += answer.status_code == 401
            if answer.status_code == 429:
                waits.append(int(answer.headers["Retry-After"]))
                clock.forward(waits[-1])
        assert guessed == 400
        assert waits[0] == 60
        longest = sorted({*accumulate(waits, max)})
        assert [wait // 60 for wait in longest][:2] == [1, 9]
        assert len(longest) == 4

    def test_who_is_in_is_not_shut_out(self, app):
        reader = app.test_client()
        reader.environ_base |= {"REMOTE_ADDR": HOME}
        assert reader.post("/passcode", data={"passcode": self.PASSCODE}).status_code == 303
        program = reader_of(app, "192.0.2.99", authorization=self.bearer("utf-8"))
        assert program.post("/api/replies", json={"message": "Before?"}).status_code == 201
        self.statuses(app, (f"2001:db8:{n:x}::1" for n in range(40)))
        self.statuses(app, (f"192.0.2.{n}" for n in range(100, 140)))
        assert ask(reader).status_code == 303
        assert program.post("/api/replies", json={"message": "After?"}).status_code == 201

    def test_who_comes_back_each_day_stays_in(self, app, clock):
        program = reader_of(app, "192.0.2.99", authorization=self.bearer("utf-8"))
        statuses = []
        for hours_away in (13, 13, 13, 13, 25):
            statuses.append(program.post("/api/replies", json={"message": "Why?"}).status_code)
            clock.forward(hours_away * 3600)
            self.statuses(app, (f"2001:db8:{n:x}::1" for n in range(31)))
        statuses.append(program.post("/api/replies", json={"message": "Late?"}).status_code)
        assert statuses == [201] * 5 + [429]

    def bearer(self, encoding):
        return f"Bearer {self.PASSCODE}".encode(encoding).decode("latin-1")

    def test_a_passcode_in_any_script_works_as_bearer(self, app, open_app):
        program = reader_of(app, authorization=self.bearer("utf-8"))
        assert program.post("/api/replies", json={"message": "Why?"}).status_code == 201
        western = open_app(KINDLECHAT_PASSCODE="Überraum")
        for encoding in ("utf-8", "latin-1"):
            sent = "Bearer Überraum".encode(encoding).decode("latin-1")
            program = reader_of(western, authorization=sent)
            assert program.post("/api/replies", json={"message": "Why?"}).status_code == 201

    def test_the_cookie_does_not_give_the_passcode_away(self, app):
        """Whoever has it cannot try passcodes on it without the server's secret."""
        cookie = self.guess(app, HOME, self.PASSCODE).headers["Set-Cookie"]
        assert hashlib.sha256(self.PASSCODE.encode()).hexdigest()[:16] not in cookie

    def test_a_new_passcode_ends_the_old_ones_cookies(self, app, open_app):
        cookie = self.guess(app, HOME, self.PASSCODE).headers["Set-Cookie"].partition(";")[0]
        assert ask(reader_of(app, cookie=cookie)).status_code == 303
        changed = open_app(KINDLECHAT_PASSCODE="another-one")
        assert ask(reader_of(changed, cookie=cookie)).status_code == 401
