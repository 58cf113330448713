"""How long everything waits: one frozen value that is passed down (pure)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timings:
    """Every interval and time-out of the application, in seconds.

    `create_app` passes it down. The defaults are for production; tests pass shorter ones.
    """

    # The relay

    flush_delay_s: float = 0.05
    """How long new text waits, so that the texts of several replies are stored together."""

    store_retry_s: float = 0.5
    """The pause after a failed write to the store."""

    stop_check_interval_s: float = 0.4
    """How often a producer looks for a stop request. Stop closes the upstream within a second."""

    heartbeat_interval_s: float = 2.0
    """How often a producer sends a heartbeat. It is a multiple of `stop_check_interval_s`."""

    mirror_interval_s: float = 0.15
    """How often replies of other processes are read from the store while somebody here follows them. Redis is
    asked half as often where it has no news, as it is waited for."""

    poll_lapse_s: float = 15.0
    """How long after a poll a reply counts as followed. The slowest page polls every 5 s."""

    keep_alive_interval_s: float = 10.0
    """The longest silence towards a follower. Routers want a byte every 15 to 55 s."""

    interrupt_timeout_s: float = 1.0
    """At shutdown, how long interrupted producers may take to end."""

    last_write_timeout_s: float = 2.0
    """At shutdown, how long the last write to the store may take."""

    max_reply_s: float = 870.0
    """The longest time that a reply may take."""

    lookup_s: float = 60.0
    """The longest time that a lookup may take."""

    lookup_lapse_s: float = 60.0
    """How long a lookup that has ended is remembered: a page that comes back for it is told once."""

    # The upstream

    connect_timeout_s: float = 10.0
    """How long connecting to the upstream may take."""

    first_word_timeout_s: float = 90.0
    """How long the upstream may make no progress before its first word."""

    idle_timeout_s: float = 45.0
    """How long the upstream may make no progress after its first word."""

    after_finish_timeout_s: float = 10.0
    """How long the upstream may stay silent after a finish reason before the answer counts as ended."""

    pause_timeout_s: float = 90.0
    """How long words may pause while the model thinks. There is no such limit before the first word, because
    followers of plain text can get spaces then; later they get only the characters held back."""

    read_interval_s: float = 0.4
    """After the first word, replies are read when the clock reaches a multiple of this: all that came
    meanwhile. So the server wakes up far less often, and no reader notices."""

    page_read_interval_s: float = 0.5
    """The same of replies that only pages and polls follow, which repaint as often. Whoever comes for a
    stream of text meanwhile waits so long at most, once."""

    retry_backoff_s: tuple[float, ...] = (0.5, 1.5)
    """The pauses before the second try of a request, the third and so on, each jittered by ±50 %."""

    max_retry_after_s: float = 15.0
    """The longest pause that the upstream may ask for. A reader in front of a page waits no longer."""

    # The worker

    worker_heartbeat_s: float = 2.0
    """How much longer than gunicorn's second a worker waits before it tells again that it lives and looks
    whether its master does. Each time wakes a machine up on which nobody asks anything."""

    last_words_s: float = 0.5
    """At shutdown, how long polls are taken once all replies are stored, to be told how these ended."""

    last_requests_s: float = 0.5
    """At shutdown, how long connections stay open for another request once no new ones are taken."""

    last_answers_s: float = 2.0
    """At shutdown, how long requests may take that have come by then. Some readers never read to the end."""

    collect_interval_s: float = 60.0
    """How long after a full collection of garbage the next one is due."""

    collect_look_s: float = 5.0
    """How often one that is due looks for a moment in which nobody works long."""

    # The stores

    orphan_after_s: float = 25.0
    """How long after its last heartbeat a reply under way becomes an orphan. A store that is out of reach, or
    a process that is stopped, for twenty seconds makes no orphans."""

    sqlite_busy_timeout_s: float = 5.0
    """How long a write to SQLite waits for another process. A write takes milliseconds."""

    sqlite_begin_timeout_s: float = 50.0
    """How long a process that starts waits for another one that makes the file or brings it forward from an
    older version, which takes seconds for each gigabyte. gunicorn gives a worker a minute to start."""

    checkpoint_interval_s: float = 1.0
    """How long after many changes SQLite's log is copied into its file, with what was written meanwhile. What
    is not there yet is safe, too, except where the power is cut."""

    index_delay_s: float = 10.0
    """How long after its end an answer is put into SQLite's index, with others that end meanwhile. A search
    does not wait for that."""

    index_pause_s: float = 0.05
    """The pause between two transactions that index answers, in which others use the store."""

    redis_timeout_s: float = 2.0
    """How long Redis may take to connect, and to answer. It takes milliseconds."""

    redis_turn_s: float = 15.0
    """How long a request may wait until a connection to Redis is free: seconds on a busy machine."""

    redis_max_block_s: float = 1.0
    """The longest wait for news in one request to Redis. It is well below `redis_timeout_s`."""

    redis_idle_s: float = 25.0
    """How long a connection to Redis may be idle before it is tried out at its next use: routers forget
    silent ones."""

    store_check_interval_s: float = 10.0
    """How often each process tries the store out, so that an outage is in the log though nobody asks."""

    # Pictures

    picture_process_s: float = 45.0
    """How long the process of a picture may take on a busy machine."""

    picture_wait_s: float = 30.0
    """How long a picture waits until those before it are done."""

    # Mail

    smtp_timeout_s: float = 15.0
    """How long each step of a talk with the mail server may take. A reader waits for it."""

    # Retention

    retention_interval_s: float = 600.0
    """The longest time between two searches for conversations that are too old."""

    retention_pause_s: float = 0.2
    """The pause between two deletions, in which others use the store."""

    # Requests

    body_s: float = 20.0
    """How long the body of a request may take to arrive. A question on a slow line takes a few seconds."""

    refused_body_s: float = 5.0
    """The same for a request that will probably be refused."""

    upload_s: float = 60.0
    """The same for one with a picture: 8 MB on a line of a megabit a second take that long."""

    status_wait_s: float = 10.0
    """Trouble that shows within this time, before the first byte, becomes the response's status."""

    page_wait_s: float = 5.0
    """How long a page waits for the reply's end before it shows what there is."""

    stopped_within_s: float = 1.0
    """How long Stop waits for the reply's end, so that the page which follows shows it stopped."""

    still_after_s: float = 2.0
    """After so long without text a page shows a word whose end has not come."""

    @property
    def stop_checks_per_heartbeat(self) -> int:
        """The number of checks for stop requests between two heartbeats."""
        return max(1, round(self.heartbeat_interval_s / self.stop_check_interval_s))
