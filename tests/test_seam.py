"""The seam of a continued answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindlechat.seam import Seam


def joined(text, *pieces):
    seam = Seam(text)
    return text + "".join([*(seam.join(piece) for piece in pieces), seam.close()])


@pytest.mark.parametrize(
    ("text", "pieces", "whole"),
    [
        ("The sky is bl", ["ue by day."], "The sky is blue by day."),
        ("The sky is", [" blue."], "The sky is blue."),
        ("One. The sky is bl", ["The sky is blue."], "One. The sky is blue."),
        ("One. The sky is bl", ["The", " sky", " is", " blue."], "One. The sky is blue."),
        ("One. The sky", ["The sky is. The sky"], "One. The sky is. The sky"),
        ("One. The sky ", ["sky is"], "One. The sky is"),
        ("banana", ["na split"], "bananana split"),
        ("word1 word2 ", ["word3 "], "word1 word2 word3 "),
        ("", ["anything"], "anything"),
        ("all", [], "all"),
        ("The end", ["The end"], "The end"),
    ],
)
def test_a_repeated_end_is_left_out(text, pieces, whole):
    assert joined(text, *pieces) == whole


def test_what_cannot_be_a_repetition_is_not_held_back():
    seam = Seam("The sky is blue")
    assert seam.join(" and ") == " and "
    assert seam.join("The sky") == "The sky"


@given(st.text("ab .", max_size=30), st.lists(st.text("ab .", max_size=5), max_size=8))
def test_how_the_continuation_is_cut_into_pieces_changes_nothing(text, pieces):
    pieces = [piece for piece in pieces if piece]
    assert joined(text, *pieces) == joined(text, "".join(pieces))


@given(st.text("abc ", max_size=30), st.text("xyz", min_size=1, max_size=30))
def test_a_new_continuation_is_kept_whole(text, continuation):
    assert joined(text, continuation) == text + continuation
