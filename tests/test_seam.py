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
        ("One. The clear sky is bl", ["The clear sky is blue."], "One. The clear sky is blue."),
        (
            "One. A clear sky is bl",
            ["A", " clear sky", " is", " blue."],
            "One. A clear sky is blue.",
        ),
        ("One. The clear sky", ["The clear sky is. So"], "One. The clear skyThe clear sky is. So"),
        (
            "One. 今日は本当にとても良い天気です。明日",
            ["今日は本当にとても良い天気です。明日も"],
            "One. 今日は本当にとても良い天気です。明日も",
        ),
        ("The sky is bl", ["The sky is blue."], "The sky is blue."),
        ("The end", ["The end"], "The end"),
        ("The", ["The sky"], "The sky"),
        ("word1 word2 ", ["word3 "], "word1 word2 word3 "),
        ("", ["anything"], "anything"),
        ("all", [], "all"),
    ],
)
def test_a_repeated_end_is_left_out(text, pieces, whole):
    assert joined(text, *pieces) == whole


@pytest.mark.parametrize(
    ("text", "continuation"),
    [
        ("The row: 0, 0, 0,", " 0, 0, 1"),
        ("A list: 10, 20, 10, 20, 10, 20, ", "10, 20, 10, 20, 30"),
        ("    if a {\n        }\n", "    }\n}\n"),
        ("{\n        }\n        }\n", "        }\n    }\n"),
        ("<p></p>\n</div>\n</div>\n</div>\n", "</div>\n</div>\n</div>\n</body>"),
        ("|a|\n| --- | --- | --- | --- |\n", "| --- | --- | --- | --- |"),
        ("It went on again and again ", "and again."),
        ("No, no", "no"),
        ("banana", "na split"),
        ("- ", "- one"),
    ],
)
def test_what_may_be_meant_twice_is_kept(text, continuation):
    assert joined(text, continuation) == text + continuation


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
