"""Text is fit for UTF-8, for lines and for the eye, and no two words are joined."""

from hypothesis import given
from hypothesis import strategies as st

from kindlechat.sound_text import SoundText, sound_text
from tests.cases import cases


def test_text_is_made_fit_for_utf_8():
    assert sound_text("a\ud83d\ude00b") == "a\U0001f600b"
    assert sound_text("a\ud83db") == "a\ufffdb"
    assert sound_text("a\r\nb") == "a\nb"


def test_signs_without_a_look_are_left_out():
    assert sound_text("\0a\x1b[1m\x07\tb\x7f\n") == "a[1m\tb\n"


CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"]


@cases("control", CONTROLS, ids=ascii)
@cases("words", ["one{}two", "One.{}Two", "one{}*two*", "{0}one {0} two{0}"])
def test_a_control_character_joins_no_words(control, words):
    sound = sound_text(words.format(control))
    assert sound.split() == words.format(" ").split()
    assert not set(sound) & set(CONTROLS)


def test_an_escape_sequence_parts_no_word():
    assert sound_text("a\x1b[1mb\x1b[0mc") == "a[1mb[0mc"


PIECES = st.lists(st.text(alphabet="ab \n\r\x00\x0b\x85\x1b[\ud83d\ude00", max_size=4), max_size=8)


@given(PIECES)
def test_the_pieces_of_a_text_join(pieces):
    sound = SoundText()
    joined = "".join([sound.feed(piece) for piece in pieces]) + sound.close()
    assert joined == sound_text("".join(pieces))
