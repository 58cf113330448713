"""LiveAnswers as pages show them while they grow."""

from functools import partial

from kindlechat.rendering.device.reading import WHEN_COMPLETE, Reading
from kindlechat.web.conversation.live_answers import LiveAnswers


def test_half_a_word_that_a_silence_brought_out_is_not_taken_back():
    """A page that grows would show it twice, since it can only append."""
    show = partial(LiveAnswers().open_html, "r", reading=Reading(), ended=False)
    html, cursor = show("Half an ans", cursor=0, still=False)
    assert (html, cursor) == ("<p>Half an", len("Half an "))
    html, cursor = show("Half an ans", cursor=cursor, still=True)
    assert (html, cursor) == ("<p>Half an ans", len("Half an ans"))
    html, cursor = show("Half an answ", cursor=cursor, still=False)
    assert (html, cursor) == ("<p>Half an ans", len("Half an ans"))
    html, _ = show("Half an answer of two", cursor=cursor, still=False)
    assert html == "<p>Half an answer of"


def test_an_answer_that_is_wanted_whole_is_shown_at_its_end():
    show = partial(LiveAnswers().open_html, "r", "One two.", 0, Reading(pace_ms=WHEN_COMPLETE))
    assert show(ended=False, still=True) == ("", 0)
    assert show(ended=True, still=False) == ("<p>One two.</p>", 8)
