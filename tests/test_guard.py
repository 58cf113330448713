"""The guard around rendering: the page comes whatever happens, and the log holds no text."""

import pytest

from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.device.screens import Page, cut_into_screens
from kindlechat.rendering.safety.guard import guarded

SECRET = "a reader's secret"


def fail():
    raise ValueError(SECRET)


def test_a_fault_is_one_line_in_the_log_that_holds_no_text(caplog):
    assert guarded(fail, lambda: "instead") == "instead"
    (record,) = caplog.records
    assert record.getMessage().startswith("could not render: ValueError at test_guard.py:")
    assert SECRET not in caplog.text
    assert "\n" not in record.getMessage()


def test_what_does_not_fail_is_not_touched(caplog):
    assert guarded(lambda: "made", fail) == "made"
    assert caplog.records == []


@pytest.mark.parametrize("ended", [False, True])
def test_an_answer_that_cannot_be_rendered_is_shown_as_it_was_written(ended, monkeypatch):
    growing = Growing()
    assert growing.html("**bold**\n\n", ended=False) == "<p><strong>bold</strong></p>"
    monkeypatch.setattr(
        "kindlechat.rendering.answer.growing.parse_blocks", lambda text, *_: [].index(text)
    )
    html = growing.html("**bold** <b>\n\nand more", ended=ended)
    assert html == "<p>**bold** &lt;b&gt;<br><br>and more</p>"
    monkeypatch.undo()
    assert growing.html("**bold**", ended=True) == "<p><strong>bold</strong></p>"


def test_an_answer_that_cannot_be_cut_is_one_screen(monkeypatch, caplog):
    nodes = Growing().nodes("Words.\n\n" * 100, ended=True)
    assert len(cut_into_screens(nodes, Page(40, 10))) > 10
    monkeypatch.setattr("kindlechat.rendering.device.screens.filling.Blocks", lambda *_: fail())
    assert cut_into_screens(nodes, Page(40, 10)) == [nodes]
    assert SECRET not in caplog.text
