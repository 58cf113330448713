"""An answer while it is read: no visible character is lost, and its end is told truly."""

from hypothesis import given
from hypothesis import strategies as st

from kindlechat.sound_text import sound_text
from kindlechat.upstream.answer import Answer, is_blank
from kindlechat.upstream.wire import Chunk
from tests.cases import cases

PIECES = st.lists(st.text(alphabet="ab \n\u200b\r\x0b\ud83d\ude00", max_size=4), max_size=8)


@given(PIECES)
def test_what_is_handed_on_is_the_whole_text_made_sound_or_nothing_visible(pieces):
    answer = Answer()
    handed_on = "".join([answer.take(Chunk(piece, None, None)) for piece in pieces])
    handed_on += answer.close()
    whole = sound_text("".join(pieces))
    assert handed_on == ("" if is_blank(whole) else whole)
    assert answer.has_text == (not is_blank(whole))


@cases("text", ["", " \n\t", "\u00a0\u3000\u2003", "\u200b\ufeff\u00ad"])
def test_blanks_are_of_many_kinds(text):
    assert is_blank(text)


@cases("text", [".", " а", "\U0001f642", "-"])
def test_whatever_leaves_a_mark_is_visible(text):
    assert not is_blank(text)


def chunks(*finishes):
    answer = Answer()
    for text, finish in finishes:
        answer.take(Chunk(text, None, finish))
    return answer


def test_a_finish_is_believed_unless_words_followed_one():
    assert chunks(("a", "STOP")).is_final
    assert chunks(("a", None), ("", "STOP"), (" \n", None)).is_final
    assert not chunks(("a", None)).is_final
    assert not chunks(("a", "STOP"), ("b", "STOP")).is_final


@cases(("after", "has_gap"), [(("b", None), True), (("", "STOP"), True), (("", None), False)])
def test_what_could_not_be_read_is_a_gap_once_something_follows(after, has_gap):
    answer = chunks(("a", None))
    answer.skip()
    assert not answer.has_gap
    text, finish = after
    answer.take(Chunk(text, None, finish))
    assert answer.has_gap == has_gap
