"""Tables of cases that one test goes through."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest


def cases(
    names: str | tuple[str, ...],
    values: Iterable[Any],
    ids: Callable[[Any], str] | Iterable[str] = ascii,
    *,
    quick_stride: int = 1,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call a test with each of the values, as `pytest.mark.parametrize` does, but within one test.

    It is for tables of quick cases that share their fixtures: pytest takes longer for a test than for them.
    Every case is tried, but in a quick run one of `quick_stride`. Each failure names its case, and several
    come as one group of exceptions.
    """
    names = (names,) if isinstance(names, str) else names
    rows = [value if len(names) > 1 else (value,) for value in values]
    labels = [", ".join(map(ids, row)) for row in rows] if callable(ids) else list(ids)
    assert rows, "a table without cases"
    cases = [*zip(labels, rows, strict=True)]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def try_all(*bound: Any, **fixtures: Any) -> None:
            quick = fixtures["quick"] if takes_quick else fixtures.pop("quick", False)
            tried = cases[::quick_stride] if quick else cases
            failures = []
            for label, row in tried:
                try:
                    test(*bound, **dict(zip(names, row, strict=True)), **fixtures)
                except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001
                    failure.add_note(f"in the case {label}")
                    failures.append(failure)
            if len(failures) == 1:
                raise failures[0]
            if failures:
                raise BaseExceptionGroup(f"{len(failures)} of {len(tried)} cases failed", failures)

        signature = inspect.signature(test)
        fixtures = [value for name, value in signature.parameters.items() if name not in names]
        takes_quick = "quick" in signature.parameters
        if quick_stride > 1 and not takes_quick:
            fixtures.append(inspect.Parameter("quick", inspect.Parameter.KEYWORD_ONLY))
        try_all.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        return try_all

    return decorate
