"""The seam of a continued answer."""

from hypothesis import given
from hypothesis import strategies as st

from kindlechat.relay.seam import LEAD, Seam
from tests.cases import cases


def joined(text, *pieces):
    seam = Seam(text)
    return text + "".join([*(seam.join(piece) for piece in pieces), seam.close()])


@cases(
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
        ("One. The clear sky", ["The clear sky is. So"], "One. The clear sky is. So"),
        ("A fox jumps over", ["jumps over the dog."], "A fox jumps over the dog."),
        ("A fox jumps ov", ["jumps", " over the dog."], "A fox jumps over the dog."),
        ("Half an ans", ["answer."], "Half an answer."),
        ("Half an ans", ["ans", "wer."], "Half an answer."),
        ("Ha, ha", ["hah", "a!"], "Ha, hahaha!"),
        ("It is hot and bri", ["bright and yellow."], "It is hot and bright and yellow."),
        ("Это полови", ["половина ответа."], "Это половина ответа."),
        ("One. The clear sky is bl", [" The clear sky is blue."], "One. The clear sky is blue."),
        (
            "One. The clear sky is bl",
            ["\n", "\n", "The clear sky is b"],
            "One. The clear sky is bl\n\nThe clear sky is b",
        ),
        (
            "One. The clear sky is bl",
            ["..", ".the clear sky"],
            "One. The clear sky is bl...the clear sky",
        ),
        (
            "One. The clear sky is bl",
            ["...The clear ", "sky is blue"],
            "One. The clear sky is blue",
        ),
        ("The sky is bl", ["\nThe sky is blue"], "The sky is blue"),
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


@cases(
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
        ("very", " very good"),
        ("Half an ans", " answer"),
        ("Half an ans", "ans"),
        ("Ha, ha", "haha!"),
        ("So (add one", "(add one two)"),
        ("The room B", "Bar"),
        ("item 10", "100"),
        ("a1bc", "bcd"),
        ("0 1 0 1", "0 1 1 0"),
        ("ดี มาก", "มากๆ"),
        ("今日は明日", "明日も"),
        ("A row: one, two,", "\none, two,"),
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


@given(st.text("ab .\n", max_size=30), st.text("ab .\n", max_size=30))
def test_only_what_the_text_ends_with_is_left_out(text, continuation):
    whole = joined(text, continuation)
    assert whole.startswith(text)
    kept = whole.removeprefix(text)
    assert continuation.endswith(kept)
    left_out = continuation[: len(continuation) - len(kept)].lstrip(LEAD)
    assert text.endswith(left_out)


@given(
    st.sampled_from(["", " ", "\n\n", "...", "… "]),
    st.integers(min_value=0, max_value=40),
    st.integers(min_value=1, max_value=40),
)
def test_a_sentence_begun_anew_is_told_once(lead, cut, size):
    """Wherever it was cut after enough words to tell, and however the continuation comes."""
    sentence = "Quick brown foxes jump over lazy dogs and run away."
    cut = min(len("Quick brown foxes") + cut, len(sentence))
    told_anew = lead + sentence
    pieces = [told_anew[at : at + size] for at in range(0, len(told_anew), size)]
    assert joined(f"One. {sentence[:cut]}", *pieces) == f"One. {sentence}"


@given(st.text("abc ", max_size=30), st.text("xyz", min_size=1, max_size=30))
def test_a_new_continuation_is_kept_whole(text, continuation):
    assert joined(text, continuation) == text + continuation
