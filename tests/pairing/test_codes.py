"""Codes, the secrets behind them, and how they look."""

import random
import secrets
from html import unescape
from io import BytesIO

import pytest
from PIL import Image

from kindlechat.pairing.codes import ALPHABET, CODE_CHARS, code_from, shown_code, typed_code
from kindlechat.pairing.keys import PairKeys
from kindlechat.pairing.qr import BORDER, HALVES, PIXELS, TEXT_BORDER, qr_png, qr_text
from kindlechat.stores.contract import Pair
from kindlechat.web.hashing import Hasher
from tests.cases import cases

ADDRESS = "https://chat.example/pair/AbCdEfGhIjKlMnOpQrStUv"


def waiting(owner_hash="me", salt="salt"):
    return Pair(owner_hash, salt, joined=False, age_s=0)


@pytest.fixture
def keys():
    return PairKeys(Hasher("secret").digest)


def test_all_codes_are_as_likely():
    chance = random.Random(1)
    codes = [code_from(chance.randbytes(16)) for _ in range(20_000)]
    assert {len(code) for code in codes} == {CODE_CHARS}
    counts = [sum(code[place] == each for code in codes) for place in range(6) for each in ALPHABET]
    mean = 20_000 / len(ALPHABET)
    assert 0.8 * mean < min(counts) <= max(counts) < 1.2 * mean
    assert len({*codes}) > 20_000 - 5


def test_no_character_looks_like_another():
    for group in ("0odq", "1il", "2z", "5s", "8b", "uv"):
        assert len({*group} & {*ALPHABET}) == 1
        assert {typed_code(each * 6) for each in group} == {typed_code(group[0] * 6) or "vvvvvv"}


@cases(
    ("typed", "code"),
    [
        ("a7k2m9", "a7k2m9"),
        ("A7K 2M9", "a7k2m9"),
        (" a7k-2m9.\n", "a7k2m9"),
        ("A 7 K 2 M 9", "a7k2m9"),
        ("oO0iIl", "000111"),
        ("sSzZbB", "552288"),
        ("ＡＢＣ１２３", "a8c123"),
        ("а7к 2м9", "a7k2m9"),
        ("٧٨٩ १२३", "789123"),
        ("A7K\u00a02M9", "a7k2m9"),
        ("a7k2m", ""),
        ("a7k2m99", ""),
        ("a7k2m!", ""),
        ("", ""),
        ("' or 1", ""),
        ("\0" * 6, ""),
        ("²³¼½¾⅓", ""),
        ("a7k2m9" + " " * 100_000, "a7k2m9"),
    ],
)
def test_a_code_is_known_however_it_is_typed(typed, code):
    assert typed_code(typed) == code


def test_what_is_shown_can_be_typed():
    for _ in range(100):
        code = code_from(secrets.token_bytes(16))
        assert typed_code(shown_code(code)) == code
    assert shown_code("a7k2m9") == "A7K 2M9"


def test_every_secret_is_another_one_and_made_again_the_same(keys):
    made = [
        way(waiting(*of))
        for way in (keys.code, keys.secret, keys.reader_secret)
        for of in ((), ("you",), ("me", "pepper"))
    ]
    assert len({*made}) == len(made)
    assert made[0] == keys.code(waiting())
    assert {len(each) for each in made[3:]} == {22}, "128 bits"


def test_the_store_learns_hashes_alone_each_for_one_use(keys):
    offer = keys.offer("me", "salt", "talk")
    pair = waiting()
    assert offer.code_hash == keys.offered_hash(keys.code(pair))
    assert offer.secret_hash == keys.offered_hash(keys.secret(pair))
    assert offer.reader_hash == keys.reader_hash(keys.reader_secret(pair))
    hashes = [keys.offered_hash("x"), keys.reader_hash("x"), keys.phone_hash("x")]
    assert len({*hashes, offer.code_hash, offer.secret_hash, offer.reader_hash}) == 6
    for secret in (keys.code(pair), keys.secret(pair), keys.reader_secret(pair)):
        assert secret not in repr(offer)


def modules_of(png):
    """The black modules of a picture, each of which has to be one colour all over."""
    image = Image.open(BytesIO(png)).convert("L")
    side = image.width // PIXELS
    assert image.size == (side * PIXELS, side * PIXELS)
    shrunk = image.resize((side, side), Image.Resampling.NEAREST)
    assert shrunk.resize(image.size, Image.Resampling.NEAREST).tobytes() == image.tobytes()
    return [[shrunk.getpixel((x, y)) == 0 for x in range(side)] for y in range(side)]


def test_a_qr_code_is_the_same_in_pixels_and_in_text():
    png, width = qr_png(ADDRESS)
    black = modules_of(png)
    assert width == len(black) * PIXELS
    halves = {shown: pair for pair, shown in HALVES.items()}
    rows = []
    for line in unescape(qr_text(ADDRESS)).split("\n"):
        upper, lower = zip(*(halves[each] for each in line), strict=True)
        rows += [upper, lower]
    cut = BORDER - TEXT_BORDER
    inner = [row[cut : len(row) - cut] for row in black[cut : len(black) - cut]]
    assert [[bool(each) for each in row] for row in rows][: len(inner)] == inner
    assert any(map(any, inner))
    assert len(png) < 2_000


def test_a_qr_code_fits_a_terminal():
    lines = unescape(qr_text(ADDRESS)).split("\n")
    assert len(lines) <= 24
    assert {len(line) for line in lines} == {len(lines[0])}
    assert len(lines[0]) <= 60
