"""Searching a reader's conversations in Redis, by reading them: there is no index.

What was written is found at once. How much is read is bounded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kindlechat.stores.contract import Findings
from kindlechat.stores.matching import folded, has_all, words_of
from kindlechat.stores.redis.calls import command, lua
from kindlechat.stores.redis.keys import key_of
from kindlechat.stores.redis.library import RedisLibrary, Scored
from kindlechat.stores.redis.lists import list_key, scores_of, written

SCANNED = 800
"""A search reads at most so many of a reader's conversations: the starred ones, then the newest."""

SEARCH_BATCH = 100
"""So many of them in one round trip."""

QUESTION_ROOM = 500_000
ANSWER_ROOM = 100_000
"""A search reads so many bytes of questions and so many characters of answers: the whole text of some
conversations, and the questions of all others."""


@dataclass
class Room:
    """For how many bytes of questions and how many characters of answers there is room; `whole` says that
    there was room for all answers so far."""

    questions: int
    answers: int
    whole: bool = True

    def takes(self, chars: int) -> bool:
        """Whether an answer of so many characters is read: it takes its room then."""
        if chars > self.answers:
            self.whole = False
            return False
        self.answers -= chars
        return True


class RedisSearch(RedisLibrary):
    """The contract's search."""

    def search_owned(self, owner_hash: str, query: str, limit: int, offset: int = 0) -> Findings:
        words = words_of(query)
        if not words:
            return Findings([], whole=True)
        room = Room(QUESTION_ROOM, ANSWER_ROOM)
        found: list[Scored] = []
        looked, more = 0, True
        while more and room.questions > 0 and looked < SCANNED:
            places, total = self._places(owner_hash, looked, min(SEARCH_BATCH, SCANNED - looked))
            read = self._read(owner_hash, places, room)
            found += [
                place
                for place, texts in zip(places, read, strict=False)
                if any(has_all(folded(text), words) for text in texts)
            ]
            looked += len(read)
            more = looked < total
        found.sort(key=lambda place: written(place[1]), reverse=True)
        owned = self._entries(owner_hash, found[offset : offset + limit])
        return Findings(owned, whole=room.whole and not more)

    def _places(self, owner_hash: str, offset: int, count: int) -> tuple[list[Scored], int]:
        """A part of the reader's list, the starred ones first, and how many there are in all."""
        owned = list_key("owned", owner_hash)
        found, total = self._send(
            [
                command("ZREVRANGE", owned, offset, offset + count - 1, "WITHSCORES"),
                command("ZCARD", owned),
            ]
        )
        return scores_of(found), int(total)

    def _read(self, owner_hash: str, places: Sequence[Scored], room: Room) -> list[list[str]]:
        """The texts of these conversations, each with a title and with questions and their answers; of as
        many as there is room for."""
        found = self._send([lua("questions", id=id_, owner_hash=owner_hash) for id_, _ in places])
        told = [*_within(found, room)]
        wanted = [id_ for _, asked in told for id_, _, is_read in asked if is_read]
        texts = self._send([command("XRANGE", key_of("text", id_), "-", "+") for id_ in wanted])
        answers = dict(zip(wanted, map(_text, texts), strict=True))
        return [
            [title, *(_place_of(question, answers.get(id_)) for id_, question, _ in asked)]
            for title, asked in told
        ]


Asked = list[tuple[str, str, bool]]
"""Of each question the id of its reply, its text, and whether the answer is read."""


def _within(found: Sequence[Mapping[str, Any]], room: Room) -> Iterator[tuple[str, Asked]]:
    """The title and questions of as many conversations as there is room for."""
    for each in found:
        if room.questions <= 0:
            return
        asked: Asked = []
        for id_, question, chars in each.get("asked", ()):
            asked.append((id_, question, room.takes(chars) and chars > 0))
            room.questions -= len(question.encode())
        yield each.get("title", ""), asked


def _place_of(question: str, answer: str | None) -> str:
    return question if answer is None else f"{question}\n{answer}"


def _text(entries: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    return "".join(fields["text"] for _, fields in entries)
