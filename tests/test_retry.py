"""The retry policy: which requests are sent again, and after how long a pause."""

from kindlechat.errors import Reason, UpstreamError
from kindlechat.timings import Timings
from kindlechat.upstream.retry import retry_pause_s


def test_pauses_grow_and_end_after_three_tries():
    busy = UpstreamError(Reason.BUSY, retryable=True)
    assert [retry_pause_s(busy, tries, 0.5, Timings()) for tries in (1, 2, 3)] == [0.5, 1.5, None]


def test_the_upstreams_delay_is_honoured_up_to_fifteen_seconds():
    def asked(delay):
        return UpstreamError(Reason.QUOTA_MINUTE, retryable=True, retry_after_s=delay)

    assert retry_pause_s(asked(15.0), 1, 0.0, Timings()) == 15.0
    assert retry_pause_s(asked(15.1), 1, 0.0, Timings()) is None


def test_an_empty_answer_is_retried_once():
    empty = UpstreamError(Reason.EMPTY, retryable=True)
    assert [retry_pause_s(empty, tries, 0.5, Timings()) for tries in (1, 2)] == [0.5, None]


def test_what_cannot_succeed_is_not_retried():
    assert retry_pause_s(UpstreamError(Reason.QUOTA_DAY), 1, 0.5, Timings()) is None
