"""What a tape holds, and how much of it the next prompt can keep.

A session keeps the longest common prefix of what it has read and what is asked for; a few sessions under
one memory budget serve several files. The engine thread owns them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from polylsp.engine.backend import CHUNK, Backend, Logits, Weights
from polylsp.errors import BackendError


def common(a: Sequence[int], b: Sequence[int]) -> int:
    """How many tokens two sequences have in common at their start."""
    length = min(len(a), len(b))
    if a[:length] == b[:length]:
        return length
    low, high = 0, length  # a[:low] == b[:low], a[:high] != b[:high].
    while high - low > 1:
        middle = (low + high) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle
    return low


class Session:
    """One tape and the token ids on it.

    What a prompt hears does not depend on what the tape went through. On a tape that is not `steady`, a pass
    over a single token rounds differently, and quantised models amplify that; so there a token that was read
    alone, as those of an answer are, is read again before a prompt builds on it.
    """

    def __init__(self, tape: Backend) -> None:
        self.tape = tape
        self.token_ids: list[int] = []
        self.used = 0  # When it was last asked for, as a count of requests.
        self.spoken: list[int] = []  # The last greedy answer, with a few tokens before it.
        self._steady = tape.steady
        self._sound = 0  # How many tokens, from the start, a prompt may build on.
        self._heard: tuple[int, Logits] | None = None  # Logits after the last prompt's end.

    def hurry(self, hurried: bool) -> None:
        """Whether tokens may be read alone that round differently then: sooner, where the tape could do better."""
        self.tape.steady = self._steady and not hurried

    def read(
        self, token_ids: Sequence[int], halted: Callable[[], bool], most: int = CHUNK
    ) -> tuple[int, Logits | None]:
        """Bring the tape to `token_ids` (at least one), from whatever prefix it shares with them.

        A pass is over `most` tokens at the most; between two of them it asks whether it is `halted`.

        Returns how many tokens were there already, and the logits after the last one, or None where it
        was halted on the way; what has been read by then stays. Raises BackendError, emptied.
        """
        wanted = list(token_ids)
        kept = common(self.token_ids, wanted)
        if kept == len(wanted) and self._heard and self._heard[0] == kept:
            self.rewind(kept)
            return kept, self._heard[1]
        # The last token must be read to hear what follows it.
        alone = 1 if self.tape.steady else 2
        kept = max(0, min(kept, self._sound, len(wanted) - alone))
        self.rewind(kept)
        self._heard = None
        logits = None
        for chunk in _chunks(wanted[kept:], alone, most):
            if halted():
                return kept, None
            logits = self.append(chunk)[-1]
        if logits is not None:
            logits = logits.copy()
            self._heard = (len(wanted), logits)
        return kept, logits

    def append(self, token_ids: list[int], last: int = 1) -> Logits:
        """Read `token_ids` on; the logits after each of the last `last`. Raises BackendError, emptied."""
        try:
            logits = self.tape.extend(token_ids, last)
        except BackendError:
            self.clear()
            raise
        together = self.tape.steady or len(token_ids) > 1
        if together and self._sound == len(self.token_ids):
            self._sound += len(token_ids)
        self.token_ids += token_ids
        return logits

    def clear(self) -> None:
        self.rewind(0)
        self._heard = None
        self.spoken = []

    def rewind(self, n_past: int) -> None:
        """Forget all but the first `n_past` tokens."""
        self.tape.truncate(n_past)
        del self.token_ids[n_past:]
        self._sound = min(self._sound, n_past)


def _chunks(token_ids: list[int], least: int, most: int) -> Iterator[list[int]]:
    """Pieces of at most `most` tokens; none of fewer than `least` (1 or 2), unless it is all there is."""
    start = 0
    while start < len(token_ids):
        left = len(token_ids) - start
        size = most - 1 if left - most == least - 1 else most
        yield token_ids[start : start + size]
        start += size


class Sessions:
    """A few sessions over one set of weights; the least recently used gives way."""

    # A tape that shares fewer tokens than this with a prompt, and less than half of it, is worth more to
    # the file it was made for.
    _WORTH_KEEPING = 64

    def __init__(self, weights: Weights, memory_bytes: int, reuse: bool = True) -> None:
        """`memory_bytes` bounds all tapes together; there is always room for one."""
        self.weights = weights
        self.reuse = reuse
        self.limit = max(1, memory_bytes // weights.tape_bytes)
        self._sessions: list[Session] = []
        self._requests = 0

    def session(self, token_ids: Sequence[int]) -> Session:
        """The session that shares the most with `token_ids`, or a fresh one while there is room."""
        wanted = list(token_ids)
        best = max(
            self._sessions, key=lambda session: common(session.token_ids, wanted), default=None
        )
        shared = common(best.token_ids, wanted) if best else 0
        if best is None or shared < min(self._WORTH_KEEPING, len(wanted) // 2):
            best = self._spare()
        if not self.reuse:
            best.clear()
        self._requests += 1
        best.used = self._requests
        return best

    @property
    def bytes(self) -> int:
        """What the tapes may take when they are full."""
        return len(self._sessions) * self.weights.tape_bytes

    def clear(self) -> None:
        """Give all tapes back."""
        self._sessions.clear()

    def _spare(self) -> Session:
        if len(self._sessions) < self.limit:
            self._sessions.append(Session(self.weights.tape()))
            return self._sessions[-1]
        return min(self._sessions, key=lambda session: session.used)
