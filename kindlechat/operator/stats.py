"""Sums up what was asked today, this week and this month, as a table of text (pure)."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kindlechat.reply import State
from kindlechat.stores.contract import Fact

UNDER_WAY = "under way"

MIB = 1024 * 1024


@dataclass(frozen=True)
class Summary:
    """What some questions came to.

    Times are pairs of median and 95th percentile in seconds, None where none are known.
    """

    questions: int
    states: Mapping[str, int]
    reasons: Mapping[str, int]
    tokens_read: int
    tokens_written: int
    tries: int
    first_word_s: tuple[float, float] | None
    whole_s: tuple[float, float] | None


def periods(now: datetime) -> dict[str, datetime]:
    """When today, this week (from Monday) and this month began, in the time zone of `now`."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "today": today,
        "this week": today - timedelta(days=today.weekday()),
        "this month": today.replace(day=1),
    }


def summarize(facts: Sequence[Fact]) -> Summary:
    """Sum up these questions."""
    numbers = [fact.numbers for fact in facts if fact.numbers]
    return Summary(
        questions=len(facts),
        states=Counter(fact.state if fact.state.ended else UNDER_WAY for fact in facts),
        reasons=Counter(fact.reason.value for fact in facts if fact.reason and fact.state.broken),
        tokens_read=sum(each.tokens_read for each in numbers),
        tokens_written=sum(each.tokens_written for each in numbers),
        tries=sum(each.tries for each in numbers),
        first_word_s=_spread(
            [each.first_word_s for each in numbers if each.first_word_s is not None]
        ),
        whole_s=_spread([each.whole_s for each in numbers]),
    )


def _spread(values: Sequence[float]) -> tuple[float, float] | None:
    return (percentile(values, 50), percentile(values, 95)) if values else None


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of the values (at least one) do not exceed: the nearest rank."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def table(facts: Iterable[Fact], now: datetime, size_bytes: int) -> str:
    """The table for `python -m kindlechat stats`."""
    known = list(facts)
    starts = periods(now)
    sums = [
        summarize([fact for fact in known if fact.asked_at >= start.timestamp()])
        for start in starts.values()
    ]
    rows = [("", *starts), *_rows(sums), ("storage", f"{size_bytes / MIB:.1f} MiB")]
    widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(len(starts) + 1)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *cells = row
    aligned = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=False))
    return "  ".join((name.ljust(widths[0]), *aligned)).rstrip()


def _rows(sums: Sequence[Summary]) -> Iterable[Sequence[str]]:
    def row(name: str, cell: Callable[[Summary], str]) -> Sequence[str]:
        return (name, *map(cell, sums))

    yield row("questions", lambda each: str(each.questions))
    for state in [*(state.value for state in State if state.ended), UNDER_WAY]:
        yield row(f"  {state}", lambda each, state=state: str(each.states.get(state, 0)))  # type: ignore[misc]
    for reason in sorted({reason for each in sums for reason in each.reasons}):
        yield row(f"  error {reason}", lambda each, reason=reason: str(each.reasons.get(reason, 0)))  # type: ignore[misc]
    yield row("tries", lambda each: str(each.tries))
    yield row("tokens read", lambda each: str(each.tokens_read))
    yield row("tokens written", lambda each: str(each.tokens_written))
    yield row("first word, median / p95", lambda each: _times(each.first_word_s))
    yield row("whole reply, median / p95", lambda each: _times(each.whole_s))


def _times(spread: tuple[float, float] | None) -> str:
    return "–" if spread is None else f"{spread[0]:.1f} / {spread[1]:.1f} s"
