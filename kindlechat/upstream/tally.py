"""The tally of the requests that one reply took: tries and tokens (pure)."""

from kindlechat.upstream.wire import Usage


class Tally:
    """Counts while a client asks; `name` is how the log calls the reply."""

    def __init__(self, name: str = "a reply") -> None:
        self.name = name
        self.tries = 0
        self._earlier = Usage(0, 0, 0)
        self._usage = Usage(0, 0, 0)

    def begin_try(self) -> None:
        """A request is sent, for the first time or again."""
        self.tries += 1
        self._earlier, self._usage = self.tokens, Usage(0, 0, 0)

    def see(self, usage: Usage | None) -> None:
        """The usage so far of the request under way, which is cumulative."""
        self._usage = usage or self._usage

    @property
    def tokens(self) -> Usage:
        """The tokens of all tries."""
        return self._earlier.plus(self._usage)
