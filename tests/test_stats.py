"""What an operator learns of the use of the service: sums, and times that most readers wait."""

from datetime import UTC, datetime

from kindlechat.errors import Reason
from kindlechat.operator.stats import percentile, periods, summarize, table
from kindlechat.reply import Numbers, State
from kindlechat.stores.contract import Fact
from tests.cases import cases

NOW = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)  # a Thursday


def fact(day, state=State.DONE, reason=None, numbers=None):
    asked = datetime(2026, 11, day, 12, tzinfo=UTC).timestamp()
    return Fact(asked, state, reason, 10, numbers)


FACTS = [
    fact(26, numbers=Numbers(30, 70, 1, 0.5, 4.0)),
    fact(26, numbers=Numbers(30, 70, 3, 1.5, 8.0)),
    fact(26, State.STREAMING),
    fact(25, State.FAILED, Reason.BUSY, Numbers(0, 0, 3, None, 2.5)),
    fact(2, State.CUT, Reason.TOO_LONG_TEXT, Numbers(10, 900, 1, 9.0, 90.0)),
]


def test_days_weeks_and_months_begin_at_midnight():
    assert {name: start.isoformat() for name, start in periods(NOW).items()} == {
        "today": "2026-11-26T00:00:00+00:00",
        "this week": "2026-11-23T00:00:00+00:00",
        "this month": "2026-11-01T00:00:00+00:00",
    }


def test_questions_are_summed_up():
    summary = summarize(FACTS)
    assert summary.questions == 5
    assert summary.states == {"done": 2, "under way": 1, "failed": 1, "cut": 1}
    assert summary.reasons == {"busy": 1}, "a length limit is no error"
    assert (summary.tokens_read, summary.tokens_written, summary.tries) == (70, 1040, 8)
    assert summary.first_word_s == (1.5, 9.0)
    assert summary.whole_s == (4.0, 90.0)
    assert summarize([]).whole_s is None


@cases(("percent", "value"), [(50, 10), (95, 19), (100, 20), (1, 1)])
def test_a_percentile_is_the_nearest_rank(percent, value):
    assert percentile([*range(20, 0, -1)], percent) == value


def test_the_table_has_a_column_for_each_period():
    lines = table(FACTS, NOW, 5 * 1024 * 1024).splitlines()
    rows = {line[:27].strip(): line[27:].split() for line in lines[1:]}
    assert lines[0].split() == ["today", "this", "week", "this", "month"]
    assert rows["questions"] == ["3", "4", "5"]
    assert rows["under way"] == ["1", "1", "1"]
    assert rows["error busy"] == ["0", "1", "1"]
    assert rows["tokens written"] == ["140", "140", "1040"]
    assert rows["whole reply, median / p95"][:3] == ["4.0", "/", "8.0"]
    assert rows["storage"] == ["5.0", "MiB"]
    assert "–" in table([], NOW, 0)
