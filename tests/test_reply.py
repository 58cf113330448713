"""The state table, cursors and the pace of polls."""

import itertools

import pytest

from kindlechat.errors import ENDED_BY_MODEL, Reason
from kindlechat.reply import (
    TRANSITIONS,
    BadCursor,
    IllegalTransition,
    Progress,
    Reply,
    Signal,
    State,
    next_poll_ms,
    next_state,
    parse_cursor,
)
from tests.cases import cases


@cases(("state", "signal"), list(itertools.product(State, Signal)))
def test_every_pair_of_state_and_signal_is_in_the_table_or_illegal(state, signal):
    if (state, signal) in TRANSITIONS:
        assert next_state(state, signal, has_text=True) is TRANSITIONS[state, signal]
    else:
        with pytest.raises(IllegalTransition):
            next_state(state, signal, has_text=True)


def test_a_break_before_the_first_word_is_a_failure():
    assert next_state(State.WAITING, Signal.BREAK, has_text=False) is State.FAILED
    assert next_state(State.WAITING, Signal.BREAK, has_text=True) is State.INTERRUPTED


def test_nothing_but_continue_leaves_an_ended_state():
    left = {signal for (state, signal) in TRANSITIONS if state.ended}
    assert left == {Signal.CONTINUE}


def test_what_is_done_or_failed_cannot_be_continued():
    continuable = {state for (state, signal) in TRANSITIONS if signal is Signal.CONTINUE}
    assert continuable == {State.CUT, State.STOPPED, State.INTERRUPTED}


def test_what_broke_off_can_be_continued_but_nothing_that_the_model_ended():
    def can_continue(state, reason):
        return Reply("r", "c", "q", "a", state, reason).can_continue

    assert can_continue(State.CUT, None)
    assert can_continue(State.INTERRUPTED, Reason.ORPHAN)
    assert not can_continue(State.CUT, Reason.TOO_LONG_TEXT)
    assert not any(can_continue(State.INTERRUPTED, reason) for reason in ENDED_BY_MODEL)


@cases("value", ["", "-1", "1.5", "x", "٣", "1" * 10, " 1"])
def test_a_cursor_we_never_gave_is_refused(value):
    with pytest.raises(BadCursor):
        parse_cursor(value)


def test_progress_after_a_cursor_is_the_rest_of_the_text():
    reply = Reply("r", "c", "q", "жar", State.STREAMING, None)
    assert reply.after(1).text == "ar"
    assert reply.after(1).cursor == 3
    assert reply.after(99) == Progress("", 99, State.STREAMING, None)  # never read twice


def test_polls_slow_down_in_silence_and_stop_at_the_end():
    assert next_poll_ms(State.STREAMING, 0) == 500
    assert [next_poll_ms(State.WAITING, s) for s in (3.9, 5, 60)] == [500, 1000, 2000]
    assert {next_poll_ms(state, 0) for state in State if state.ended} == {0}


def test_reasons_are_unique():
    assert len({reason.value for reason in Reason}) == len(Reason)
