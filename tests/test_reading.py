"""Reading settings: codes, forms, classes and measures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindlechat.rendering.device.dressing import carry, dress, with_code
from kindlechat.rendering.device.glyphs import Glyphs
from kindlechat.rendering.device.reading import CHOICES, SCREENS, Face, Order, Reading, View

READINGS = st.fixed_dictionaries({n: st.sampled_from(v) for n, v in CHOICES.items()}).map(
    lambda values: Reading(**values)
)
CHOSEN = Reading(size=5, face=Face.SANS, view=View.PAGES, pace_ms=0, order=Order.LAST, dark=True)


@given(READINGS)
def test_a_code_means_the_settings_it_was_made_of(reading):
    assert Reading.from_code(reading.code) == reading


@given(READINGS)
def test_a_form_means_what_it_shows(reading):
    sent = {name: str(getattr(reading, name)) for name in CHOICES}
    assert Reading.from_form(sent) == reading


@given(st.text())
def test_any_code_means_something(code):
    assert Reading.from_code(code).code == "" or Reading.from_code(code).code.isdigit()


def test_an_older_codes_missing_digits_and_wrong_ones_are_defaults():
    assert Reading.from_code("4") == Reading(size=5)
    assert Reading.from_code("91") == Reading(face=Face.SANS)
    assert Reading.from_form({"size": "9", "face": "sans"}) == Reading(face=Face.SANS)


def test_the_standard_settings_have_no_code_and_no_class():
    assert (Reading().code, Reading().classes) == ("", "")
    assert CHOSEN.classes == "size5 sans last dark"


@pytest.mark.parametrize("screen", SCREENS)
def test_lines_have_about_as_many_letters_as_in_a_book(screen):
    assert 40 <= Reading(screen=screen).columns <= 75
    assert Reading(screen=screen).lines >= 12


PAGE = (
    '<html lang="en"><a href="/how/">a</a><a href="/c/x?turn=1#answer">b</a>'
    '<form action="/ask#answer"></form><meta content="5; url=/c/x"><link href="/assets/style.css">'
    '<a href="https://a.example/">c</a><p> href="/no"</p><script src="/assets/reader.0123abcd.js"></script>'
)


def test_an_address_in_html_carries_the_code_as_html_writes_it():
    carried = carry('<a href="/c/x?language=ru">a</a>', "41")
    assert carried == '<a href="/c/x?r=41&amp;language=ru">a</a>'
    assert with_code("/c/x?turn=1", "41") == "/c/x?r=41&turn=1"


def test_standard_settings_leave_a_page_as_it_is():
    assert dress(PAGE, Reading()) == PAGE


def test_settings_are_worn_by_the_page():
    html = dress(PAGE, CHOSEN)
    assert html.startswith('<html class="size5 sans last dark" lang="en">')
    assert "reader.0123abcd.js" not in html, "it would scroll"
    assert "reader.0123abcd.js" in dress(PAGE, Reading(size=1))


def test_where_no_cookie_lasts_every_address_of_ours_carries_the_settings():
    html = carry(PAGE, "4")
    for address in ("/how/?r=4", "/c/x?r=4&amp;turn=1#answer", "/ask?r=4#answer", "url=/c/x?r=4"):
        assert f'{address}"' in html
    for kept in ('"/assets/style.css"', '"https://a.example/"', ' href="/no"</p>'):
        assert kept in html
    assert 'data-carried="r=4"' in dress(PAGE, Reading(size=5), "4")


def test_an_address_has_the_code_once():
    assert with_code("/c/x?turn=1", "4") == "/c/x?r=4&turn=1"
    assert with_code("/c/x", "") == "/c/x"


def test_glyphs_are_fitted_in_text_alone():
    html = dress(
        '<html><a href="/é">é – <b>→</b></a><textarea>é</textarea>', Reading(glyphs=Glyphs.ASCII)
    )
    assert html == '<html><a href="/é">e - <b>-&gt;</b></a><textarea>é</textarea>'
