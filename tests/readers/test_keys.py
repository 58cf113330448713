"""Keys find their reader and nobody else; phrases are easy to type; codes lapse."""

import math
from itertools import pairwise
from pathlib import Path

import pytest

from kindlechat.readers.codes import VALID_S, MailboxCodes
from kindlechat.readers.keys import ReaderKeys
from kindlechat.readers.phrase import WORDS, load_words, phrase_from, typed_letters
from kindlechat.relay import new_id
from kindlechat.stores.contract import KeyKind
from kindlechat.web.hashing import Hasher
from tests.cases import cases

KEYS = ReaderKeys(Hasher("s" * 32).digest)
NOW = 1_800_000_000.0
CODES = MailboxCodes(Hasher("s" * 32).digest)


@pytest.mark.parametrize("kind", KeyKind)
class TestKeys:
    def test_a_key_leads_back_to_its_reader(self, kind):
        reader = new_id()
        key = KEYS.make(kind, reader, "salt")
        secret = KEYS.secret(kind, reader, "salt")
        assert KEYS.hash(kind, secret) == key.hash
        assert KEYS.open(kind, secret, key.sealed_id) == reader

    def test_another_salt_reader_kind_or_server_makes_another_key(self, kind):
        reader = new_id()
        secrets = {KEYS.secret(kind, reader, salt) for salt in ("a", "b")}
        secrets.add(KEYS.secret(kind, new_id(), "a"))
        secrets.add(ReaderKeys(Hasher("t" * 32).digest).secret(kind, reader, "a"))
        secrets |= {KEYS.secret(other, reader, "a") for other in KeyKind if other is not kind}
        assert len(secrets) == 6

    def test_what_is_stored_tells_neither_the_secret_nor_the_reader(self, kind):
        reader = new_id()
        key = KEYS.make(kind, reader, "salt")
        secret = KEYS.secret(kind, reader, "salt")
        for kept in (key.hash, key.salt, key.sealed_id):
            assert reader not in kept
            assert secret not in kept
        assert KEYS.open(kind, "another secret", key.sealed_id) != reader

    def test_what_is_no_sealed_id_opens_to_nothing(self, kind):
        for wrong in ("", "short", "x" * 23, "ä" * 22):
            assert KEYS.open(kind, "secret", wrong) is None


def test_an_id_that_is_none_is_not_sealed():
    with pytest.raises(ValueError, match="128 bits"):
        KEYS.make(KeyKind.LINK, "x", "salt")


def test_a_token_is_a_segment_of_an_address():
    for kind in (KeyKind.LINK, KeyKind.SHELF):
        assert len(KEYS.secret(kind, new_id(), "salt")) == 22


# Phrases


def test_the_list_is_whole_and_its_licence_is_there():
    words = load_words()
    assert len(words) == len({*words}) == 7776
    assert WORDS * math.log2(len(words)) > 64
    assert "Attribution 3.0" in Path("kindlechat/readers/WORDS-LICENSE.txt").read_text()


def test_it_does_not_matter_what_stands_between_words():
    words = sorted(filter(None, map(typed_letters, load_words())))
    alike = [(one, next_) for one, next_ in pairwise(words) if next_.startswith(one)]
    assert alike == [("yoyo", "yoyo")], "yo-yo is in the list twice"


@cases(
    "typed",
    [
        "abacus abdomen zoom t-shirt wolf",
        " Abacus, ABDOMEN; zoom\nt shirt—wolf. ",
        "abacusabdomenzoomtshirtwolf",
        "1. abacus 2. abdomen 3. zoom 4. T-Shirt 5. wolf",
    ],
)
def test_a_phrase_may_be_typed_in_any_way(typed):
    assert typed_letters(typed) == "abacusabdomenzoomtshirtwolf"
    assert KEYS.hash(KeyKind.PHRASE, typed) == KEYS.hash(
        KeyKind.PHRASE, "abacus abdomen zoom t-shirt wolf"
    )


def test_a_phrase_has_five_words_of_the_list_and_uses_all_of_them():
    phrases = [phrase_from(bytes.fromhex(Hasher("s").digest(str(n)))).split() for n in range(4000)]
    assert {len(phrase) for phrase in phrases} == {WORDS}
    used = {word for phrase in phrases for word in phrase}
    assert used <= {*load_words()}
    # Of 20,000 draws from 7,776 words all but 600 are expected to be met.
    assert len(used) > 7000
    assert len({phrase[0] for phrase in phrases}) > 2500


def test_a_hostile_text_is_cut_short():
    assert len(typed_letters("a" * 10_000)) == 100
    assert typed_letters("четыре слова ÄÖ") == ""


# Codes


def test_a_code_is_valid_for_an_hour_however_it_is_typed():
    code = CODES.code("me", "a@b.de", NOW)
    for typed in (code, code.replace(" ", ""), f" {code} \n", code.replace(" ", "-")):
        assert CODES.accepts(typed, "me", "a@b.de", NOW + VALID_S)
    assert not CODES.accepts(code, "me", "a@b.de", NOW + 2 * VALID_S)
    assert len(code) == 9


def test_a_code_is_one_readers_for_one_mailbox():
    code = CODES.code("me", "a@b.de", NOW)
    assert not CODES.accepts(code, "you", "a@b.de", NOW)
    assert not CODES.accepts(code, "me", "b@b.de", NOW)
    for wrong in ("", "0" * 8, code[:-1], code + "0"):
        assert not CODES.accepts(wrong, "me", "a@b.de", NOW)
