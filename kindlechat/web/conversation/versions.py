"""The versions of a turn, as a page leads from one to the other (pure)."""

from kindlechat.conversation import Excerpt


def version_values(found: Excerpt, number: int) -> dict[str, object]:
    """What templates know of the version of a turn that a page shows.

    `turn_here` is the query of the page's own address, `version_here` that of another version up to its
    number; `version_meant` is the id of a version that does not count yet, for a question asked on.
    """
    turn = found.turn(number)
    query = [f"turn={number}"] if number < found.total else []
    shown = [] if turn.current else [f"version={turn.version}"]
    return {
        "version": turn.version,
        "versions": len(turn.versions),
        "current": turn.current,
        "turn_here": _joined([*query, *shown]),
        "version_here": _joined([*query, "version="]),
        "version_asked": f"&{'&'.join([*query, *shown])}" if shown else "",
        "version_meant": "" if turn.current else turn.id,
    }


def _joined(parts: list[str]) -> str:
    return f"?{'&'.join(parts)}" if parts else ""
