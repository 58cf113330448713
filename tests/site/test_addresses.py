"""Addresses: properties that hold for whatever names authors choose."""

import re

import pytest
from anyascii import anyascii
from hypothesis import given
from hypothesis import strategies as st

from kindlechat.rendering.ui.languages import Language
from kindlechat.site.addresses import SLUG, address_of, output_of, slug_of
from tests.cases import cases

slugs = st.from_regex(SLUG, fullmatch=True)
roots = st.sampled_from(["", "/ru", "/de"])
folders = st.sampled_from(["", "blog", "help/kindle"])


@given(st.text())
def test_a_slug_is_a_slug_or_refused(text):
    if not re.search("[a-z0-9]", anyascii(text).lower()):
        with pytest.raises(ValueError, match="expected letters or digits, got"):
            slug_of(text)
    else:
        slug = slug_of(text)
        assert SLUG.fullmatch(slug)
        assert slug_of(slug) == slug


@cases(
    ("text", "slug"),
    [
        ("Hello, World", "hello-world"),
        ("Für e-Ink", "fur-e-ink"),
        ("Почему небо синее?", "pochemu-nebo-sinee"),
        ("  C++ & C#  ", "c-c"),
        ("電子書", "dianzishu"),
    ],
)
def test_slugs_are_in_letters_that_every_keyboard_has(text, slug):
    assert slug_of(text) == slug


@given(roots, folders, slugs)
def test_an_address_is_plain_and_has_one_file(root, folder, slug):
    address = address_of(root, folder, slug)
    assert re.fullmatch(r"(/[a-z0-9-]+)*/([a-z0-9-]+\.html)?", address)
    assert address.startswith(f"{root}/")
    path = output_of(address)
    assert path.endswith(".html")
    assert not path.startswith("/")
    assert "/" + path.removesuffix("index.html") == address


@given(st.lists(st.tuples(roots, folders, slugs), min_size=2, max_size=2, unique=True))
def test_two_places_have_two_addresses(places):
    addresses = [address_of(*place) for place in places]
    assert addresses[0] != addresses[1]


def test_an_index_is_its_folders_page():
    assert address_of("", "", "index") == "/"
    assert address_of("/ru", "", "index") == "/ru/"
    assert address_of("/ru", "help", "index") == "/ru/help/"
    assert output_of("/ru/help/") == "ru/help/index.html"


def test_a_page_for_errors_is_a_file_of_its_own():
    assert address_of("/ru", "", "404.html") == "/ru/404.html"
    assert output_of("/ru/404.html") == "ru/404.html"


def test_english_has_no_root_and_others_their_code():
    assert [Language.of(code).root for code in ("en", "ru")] == ["", "/ru"]


@cases(("code", "direction"), [("en", "ltr"), ("ru", "ltr"), ("he", "rtl"), ("ar", "rtl")])
def test_a_language_knows_its_direction(code, direction):
    assert Language.of(code).direction == direction
