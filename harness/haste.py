"""Timings for tests that would wait too long with those of production."""

from dataclasses import replace

from kindlechat.timings import Timings

READ_INTERVAL_S = 0.01
"""How often replies are read after their first word. With production's interval, each answer of a test
would wait for the clock up to a quarter of a second."""

LEAST_ORPHAN_AFTER_S = 5.0
"""A busy machine may hold a process up for a second or two, which must not make it look dead."""


def hastened(timings: Timings, haste: float = 1) -> Timings:
    """Return these timings with shorter time-outs, heartbeats and keep-alives, and with words read at once.

    What a reader waits for beside words (polls, repaints) keeps its time.
    """
    patience = (
        *("stop_check_interval_s", "heartbeat_interval_s", "keep_alive_interval_s"),
        *("connect_timeout_s", "first_word_timeout_s", "idle_timeout_s", "pause_timeout_s"),
        *("after_finish_timeout_s", "orphan_after_s", "status_wait_s", "page_wait_s"),
        *("body_s", "refused_body_s"),
    )
    shorter = {name: getattr(timings, name) / haste for name in patience}
    shorter["orphan_after_s"] = max(shorter["orphan_after_s"], LEAST_ORPHAN_AFTER_S)
    backoff = tuple(seconds / haste for seconds in timings.retry_backoff_s)
    paces = dict.fromkeys(("read_interval_s", "page_read_interval_s"), READ_INTERVAL_S)
    return replace(timings, retry_backoff_s=backoff, **paces, **shorter)
