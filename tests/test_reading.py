"""Reading settings: codes, forms, classes and measures."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.servers import ROOT
from kindlechat.rendering.device.devices import SCREENS, TYPE_SIZE, measured_screen
from kindlechat.rendering.device.dressing import carry, dress, with_code
from kindlechat.rendering.device.faces import DEJAVU, LIBERATION, NOTO, SAMPLES, letters_of
from kindlechat.rendering.device.glyphs import Glyphs
from kindlechat.rendering.device.reading import CHOICES, Face, Order, Reading, View
from tests.cases import cases

STYLE = (ROOT / "site/assets/style.css").read_text()

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
    assert Reading.from_code(code).code == "" or Reading.from_code(code).code.isalnum()


def test_an_older_codes_missing_digits_and_wrong_ones_are_defaults():
    assert Reading.from_code("4") == Reading(size=5)
    assert Reading.from_code("91") == Reading(face=Face.SANS)
    assert Reading.from_form({"size": "9", "face": "sans"}) == Reading(face=Face.SANS)


def test_the_standard_settings_have_no_code_and_no_class():
    assert (Reading().code, Reading().classes) == ("", "")
    assert CHOSEN.classes == "size5 sans last dark"


@cases("screen", [dots for dots in SCREENS if SCREENS[dots].type_size > TYPE_SIZE])
def test_lines_have_about_as_many_letters_as_in_a_book(screen):
    reading = Reading(screen=screen)
    assert 40 <= reading.columns <= 75
    assert reading.height_em >= 17


@cases("dots", SCREENS)
def test_the_type_of_each_device_is_the_style_sheets(dots):
    width, height = dots.split("x")
    sizes = re.findall(
        rf"@media[^{{]*\(device-width: {width}px\)(?! and)[^{{]*\{{\s*html \{{ font-size: (\d+)px",
        STYLE,
    )
    assert [SCREENS[dots].type_size] == ([*map(int, sizes)] or [TYPE_SIZE])
    assert SCREENS[dots].width <= int(width)
    assert SCREENS[dots].height <= int(height)


def test_what_a_script_has_measured_is_the_screen():
    found = measured_screen(f"758.899.30.{NOTO}")
    assert (found.width, found.height, found.type_size, found.face) == (758, 899, 30, NOTO)
    reading = Reading(screen="600x800", size=4, measured=found)
    assert reading.type_size == pytest.approx(36)
    assert reading.code == Reading(size=4).code, "it is the browser's, and no setting"


@cases(
    "text",
    [
        *("", "758", "758.899.30", f"758.899.30.{NOTO}A", f"758.899.30.{NOTO[:-1]}é"),
        *(f"99.899.30.{NOTO}", f"758.99.30.{NOTO}", f"300.899.99.{NOTO}", f"758.899.7.{NOTO}"),
        f"-58.899.30.{NOTO}",
    ],
)
def test_a_cookie_that_no_script_has_written_means_nothing(text):
    assert measured_screen(text) is None


@given(
    st.text(alphabet="ABab01-_", min_size=2 * len(SAMPLES), max_size=2 * len(SAMPLES)), st.text()
)
def test_no_letter_of_any_face_is_less_than_nothing(key, text):
    letters = letters_of(key)
    assert all(letters[letter] >= 0 for letter in text)
    assert letters["a"] > 0


def test_faces_have_the_widths_that_were_measured():
    assert letters_of(LIBERATION)["e"] == 0.444
    assert letters_of(DEJAVU)["e"] == letters_of(DEJAVU)["é"] == 0.592
    assert letters_of(NOTO)["\u0301"] == 0, "it stands on the letter before it"


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
    assert html == '<html><a href="/é">e -- <b>-&gt;</b></a><textarea>é</textarea>'
