"""Sends a letter for each new post to everybody who is to get it, once."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kindlechat.errors import MailNotTaken, MailUnavailable, NewsletterError, RecipientRefused
from kindlechat.mail.smtp import Connection, Mailer
from kindlechat.newsletter.letters import LetterWriter, Post
from kindlechat.stores.contract import Newsletter, Standing, Subscriber

BEGUN = "begun"
"""Among the issues, this one says that the newsletter has begun: posts from before are old."""

BACK_OFF_S = (30.0, 120.0, 480.0)
"""Pauses before who could not be reached is tried again. After the last, the next run goes on."""

SILENT_S = 900
"""So long a run may be silent before another one takes it for dead: longer than the longest pause."""

MOST_REFUSED = 3
"""So many refusals after a whole letter, and none that was taken before, are meant for the letter itself."""


@dataclass
class Report:
    """What became of one issue: how many got it, how many mailboxes are gone, how many letters the server
    refused once it had them whole, and whether everybody has been reached."""

    post: Post
    sent: int = 0
    bounced: int = 0
    refused: int = 0
    finished: bool = False


class AnotherRun(NewsletterError):
    """Another run is sending letters, or was killed a short time ago."""


@dataclass
class SendingRun:
    """One run of the command that sends letters.

    `rate` is the number of letters a second. `token` names the run, `sleep` waits for so many seconds.
    """

    store: Newsletter
    mailer: Mailer
    letters: LetterWriter
    rate: float
    token: str
    sleep: Callable[[float], None]
    back_off_s: Sequence[float] = BACK_OFF_S
    _line: "_Line" = field(init=False)
    _is_taken: bool = field(init=False, default=False)
    """Whether somebody has got the present issue in an earlier run."""

    def __post_init__(self) -> None:
        self._line = _Line(self.mailer)

    def begin(self, posts: Iterable[Post]) -> list[Post] | None:
        """The posts that nobody was told of, oldest first as given; None in the first run ever, which only
        marks all posts as old."""
        known = self.store.issues()
        if BEGUN not in known:
            self.store.finish_issues([BEGUN, *(post.key for post in posts)])
            return None
        return [post for post in posts if not known.get(post.key, False)]

    def hold(self) -> None:
        """Keep other runs from sending at the same time. Raises AnotherRun where one does."""
        if not self.store.hold_run(self.token, SILENT_S):
            raise AnotherRun(
                "another run is sending letters, or was killed in the last"
                f" {SILENT_S // 60} minutes; nothing was sent"
            )

    def release(self) -> None:
        """Let other runs send."""
        self.store.end_run(self.token)

    def send(self, post: Post) -> Report:
        """Send one issue; whoever cannot be reached for now is tried again.

        A kill at any moment repeats at most one letter. Raises MailNotTaken where the server refuses the
        letter itself, AnotherRun, and StoreUnavailable.
        """
        report = Report(post)
        self._is_taken = post.key in self.store.issues()
        with self._line:
            for pause_s in (0.0, *self.back_off_s):
                self.sleep(pause_s)
                report.finished = self._send_round(post, report)
                if report.finished:
                    self.store.finish_issues([post.key])
                    break
        return report

    def _send_round(self, post: Post, report: Report) -> bool:
        """Try once everybody who has not got it. Returns whether all were reached."""
        refusals: dict[str, MailNotTaken] = {}
        reached = self._send_to_all(post, report, refusals)
        self._judge(report, refusals, most=0)
        for subscriber_id in refusals:  # nothing is left to try
            self.store.record_delivery(post.key, subscriber_id)
        report.refused += len(refusals)
        return reached

    def _send_to_all(self, post: Post, report: Report, refusals: dict[str, MailNotTaken]) -> bool:
        after, reached = "", True
        while part := self.store.due(post.key, post.language, after=after):
            for subscriber in part:
                self.hold()
                try:
                    connection = self._line.open()
                except MailUnavailable:
                    return False  # to try the others would only take their time
                try:
                    self._send_one(post, subscriber, connection)
                    report.sent += 1
                except RecipientRefused:
                    self.store.change_standing(subscriber.id, Standing.BOUNCED)
                    report.bounced += 1
                except MailNotTaken as error:
                    refusals[subscriber.id] = error
                    self._judge(report, refusals, most=MOST_REFUSED - 1)
                except MailUnavailable:
                    self._line.close()
                    reached = False
                after = subscriber.id
                self.sleep(1 / self.rate)
        return reached

    def _judge(self, report: Report, refusals: dict[str, MailNotTaken], most: int) -> None:
        """Raise the last refusal where more than `most` are all that the server has said of the letter."""
        if len(refusals) > most and not report.sent and not self._is_taken:
            raise [*refusals.values()][-1]

    def _send_one(self, post: Post, subscriber: Subscriber, connection: Connection) -> None:
        connection.send(self.letters.of_post(post, subscriber, datetime.now(UTC)))
        self.store.record_delivery(post.key, subscriber.id)


class _Line:
    """A connection to the mail server that is kept from letter to letter, and opened anew after trouble."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self._held = ExitStack()
        self._connection: Connection | None = None

    def __enter__(self) -> "_Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> Connection:
        if self._connection is None:
            self._connection = self._held.enter_context(self._mailer.connected())
        return self._connection

    def close(self) -> None:
        self._connection = None
        self._held.close()
