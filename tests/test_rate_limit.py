"""Limits on how often, as operators write them."""

import pytest

from kindlechat.rate_limit import RateLimit, parse_rate_limits
from tests.cases import cases


@cases(
    ("text", "limits"),
    [
        ("20/minute", [(20, 60)]),
        ("20/minute;300/day", [(20, 60), (300, 86_400)]),
        ("1/second, 2/hour | 3/month", [(1, 1), (2, 3600), (3, 2_592_000)]),
        ("60/10minute", [(60, 600)]),
        ("5 per 2 Hours", [(5, 7200)]),
        (" 7 per year ", [(7, 31_104_000)]),
    ],
)
def test_the_ways_to_write_them(text, limits):
    assert [(limit.amount, limit.window_s) for limit in parse_rate_limits(text)] == limits


@cases(
    "text",
    ["", "often", "20", "20/", "/minute", "20/minutely", "20/minute;", "1/0day", "-1/day", "٣/day"],
)
def test_what_is_none(text):
    with pytest.raises(ValueError, match="expected limits such as"):
        parse_rate_limits(text)


def test_what_was_counted_by_older_versions_still_counts():
    (limit,) = parse_rate_limits("60/10minutes")
    assert limit == RateLimit(60, 10, "minute")
    assert limit.key_for("somebody") == "LIMITER/somebody/60/10/minute"
