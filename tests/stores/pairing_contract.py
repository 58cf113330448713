"""The contract's pairs: offers that work once, pairs that end."""

import random
from collections.abc import Callable
from functools import cache
from typing import Any

import gevent
import pytest

from kindlechat.pairing.codes import code_from
from kindlechat.stores.contract import OFFER_S, PAIR_S, Offer, Pair, Store
from kindlechat.web.pair.sides import GUESSES, TRIES_TO_OFFER
from tests.stores.values import Clock, OpenStore, existing

GUESSES_AN_HOUR = GUESSES[0].amount

MANY = 100_000
"""So many readers may show a code at the same time."""

SOME = 100


@cache
def many_offers() -> list[Offer]:
    """The offers of so many readers, each with a code of its own: one that is taken is made anew, as the site
    does it. The code alone stands for its hash."""
    chance, codes = random.Random(1), dict[str, int]()
    for number in range(MANY):
        made = (code_from(chance.randbytes(16)) for _ in range(TRIES_TO_OFFER))
        codes[next(code for code in made if code not in codes)] = number
    return [Offer(f"reader {n}", "1", f"r {n}", code, f"s {n}") for code, n in codes.items()]


def an_offer(owner_hash: str = "me", salt: str = "1", **about: Any) -> Offer:
    name = f"{owner_hash} {salt}"
    return Offer(owner_hash, salt, f"reader {name}", f"code {name}", f"secret {name}", **about)


def paired(store: Store, offer: Offer, phone: str = "phone") -> Pair:
    assert store.offer(offer)
    pair = store.join(offer.code_hash, phone)
    assert pair
    return pair


class PairingContract:
    def test_an_offer_waits_for_a_phone(self, store: Store, clock: Clock) -> None:
        offer = an_offer(conversation="talk")
        assert store.offer(offer)
        clock.forward(5)
        waiting = Pair("me", "1", joined=False, age_s=5, conversation="talk")
        assert store.pair_of("me") == store.pair_known_by(offer.reader_hash) == waiting
        assert store.pair_of("you") is None
        for other in (offer.code_hash, offer.secret_hash, "x", ""):
            assert store.pair_known_by(other) is None

    def test_a_code_and_a_secret_work_once_and_either_alone(
        self, store: Store, open_store: OpenStore, clock: Clock
    ) -> None:
        for way in ("code_hash", "secret_hash"):
            offer = an_offer(salt=way, conversation="talk")
            assert store.offer(offer)
            clock.forward(OFFER_S - 1)
            pair = open_store().join(getattr(offer, way), f"phone {way}")
            assert pair == Pair("me", way, joined=True, age_s=0, conversation="talk")
            assert store.pair_of("me") == store.pair_known_by(offer.reader_hash) == pair
            assert store.pair_known_by(f"phone {way}") == pair
            for used in (offer.code_hash, offer.secret_hash):
                assert store.join(used, "another phone") is None
            assert store.pair_of("me") == pair

    def test_of_two_phones_at_once_one_is_paired(self, store: Store, open_store: OpenStore) -> None:
        offer, stores = an_offer(), [store, open_store()]
        assert store.offer(offer)
        joining = [
            gevent.spawn(each.join, offer.code_hash, f"phone {number}")
            for number, each in enumerate(stores * 2)
        ]
        gevent.joinall(joining, raise_error=True)
        assert [job.value is not None for job in joining].count(True) == 1

    def test_what_is_no_offer_pairs_nobody(self, store: Store) -> None:
        offer = an_offer()
        assert store.offer(offer)
        for other in (offer.reader_hash, "me", "1", "", "x"):
            assert store.join(other, "phone") is None
        assert store.pair_known_by("phone") is None

    def test_an_offer_lapses(self, store: Store, clock: Clock) -> None:
        offer = an_offer()
        assert store.offer(offer)
        clock.forward(OFFER_S)
        assert store.join(offer.code_hash, "phone") is None
        assert store.pair_of("me") is store.pair_known_by(offer.reader_hash) is None

    def test_a_pair_lasts_a_day(self, store: Store, clock: Clock) -> None:
        paired(store, an_offer())
        clock.forward(PAIR_S - 1)
        found = store.pair_known_by("phone")
        assert found
        assert found.age_s == PAIR_S - 1
        clock.forward(1)
        assert store.pair_known_by("phone") is store.pair_of("me") is None
        store.delete_older_than(3600)
        assert store.offer(an_offer())

    def test_a_new_offer_takes_the_place_of_what_its_reader_had(self, store: Store) -> None:
        first, second = an_offer(salt="1"), an_offer(salt="2")
        assert store.offer(first)
        assert store.offer(second)
        assert store.join(first.code_hash, "phone") is None
        assert store.pair_known_by(first.reader_hash) is None
        pair = store.join(second.secret_hash, "phone")
        assert store.pair_of("me") == pair
        assert store.offer(an_offer(salt="3"))
        assert store.pair_known_by("phone") is None

    def test_no_two_live_offers_have_one_code(self, store: Store, clock: Clock) -> None:
        mine, yours = an_offer(), an_offer("you")
        clash = Offer("you", "2", "reader", mine.code_hash, "secret")
        assert store.offer(mine)
        assert store.offer(yours)
        assert not store.offer(clash)
        waiting = store.pair_of("you")
        assert waiting
        assert waiting.salt == yours.salt, "nothing has changed"
        assert store.offer(Offer("me", "2", "reader 2", mine.code_hash, "secret 2"))
        clock.forward(OFFER_S)
        assert store.offer(clash), "a code may come again"
        joined = store.join(mine.code_hash, "phone")
        assert joined
        assert joined.owner_hash == "you"
        assert store.offer(Offer("me", "3", "reader 3", mine.code_hash, "secret 3")), (
            "a used one, too"
        )

    @pytest.mark.long
    def test_100_000_live_codes_do_not_clash(
        self, store: Store, keep_offers: Callable[[Store, list[Offer]], None]
    ) -> None:
        offers = many_offers()
        assert len(offers) == MANY
        keep_offers(store, offers[SOME:])
        assert all(map(store.offer, offers[:SOME])), "as any reader who comes then"
        taken = Offer("somebody", "1", "r", offers[-1].code_hash, "s")
        assert not store.offer(taken)
        chance = random.Random(2)
        guesses = {code_from(chance.randbytes(16)) for _ in range(GUESSES_AN_HOUR * 24)}
        right = [guess for guess in guesses if store.join(guess, "guesser")]
        assert len(right) <= 1, "a network that guesses for a day finds one of them in sixteen days"
        for offer in (*offers[:SOME], *offers[-SOME:]):
            joined = store.join(offer.code_hash, f"phone {offer.owner_hash}")
            assert existing(joined).owner_hash == offer.owner_hash

    def test_what_was_asked_last_is_noted_while_the_pair_lasts(
        self, store: Store, open_store: OpenStore
    ) -> None:
        pair = paired(store, an_offer(conversation="talk"))
        for reply in ("first", "second"):
            open_store().note_asked(pair, "another talk", reply)
            noted = store.pair_known_by("phone")
            assert noted
            assert (noted.conversation, noted.reply) == ("another talk", reply)
        new = paired(store, an_offer(salt="2"), "phone 2")
        store.note_asked(pair, "late", "late")
        assert store.pair_of("me") == new
        store.end_pair(new)
        store.note_asked(new, "late", "late")
        assert store.pair_of("me") is None

    def test_either_side_ends_it(self, store: Store, open_store: OpenStore) -> None:
        first = paired(store, an_offer())
        for _ in range(2):
            open_store().end_pair(first)
        assert store.pair_of("me") is store.pair_known_by("phone") is None
        assert store.pair_known_by("reader me 1") is None
        second = paired(store, an_offer(salt="2"), "phone 2")
        store.end_pair(first)
        assert store.pair_of("me") == second, "it has taken the place of the first"
        assert paired(store, an_offer("you"), "phone 3")
        store.end_pair(second)
        assert store.pair_known_by("phone 3")
