"""The journal of one server: it is told of what is shown and of every change, and counts what came of it.

Nothing here waits, reads or writes: numbers that are to be kept are taken away by who keeps them.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from polylsp.journal.counts import Counts, Key, bucket, figures, total
from polylsp.journal.outcomes import Outcome, Show
from polylsp.journal.survival import Later, Stretch, Survival
from polylsp.types import Cursor

_DOCUMENTS = 16  # Whose suggestions are followed.


class Journal:
    """Counts since they were taken last. Used from one thread."""

    def __init__(self, today: Callable[[], str], later: Later) -> None:
        """`today` is the day as the counts name it, `later` calls a function in so many seconds."""
        self.counts: Counts = {}
        self._today = today
        self._shows: OrderedDict[str, Show] = OrderedDict()
        self._stretches: dict[str, Stretch] = {}  # What was taken of a show, by document.
        self._last: Show | None = None  # The last change ended it; an editor may yet tell how.
        self._survival = Survival(later, self._count)

    def show(self, cursor: Cursor, texts: Sequence[str], model: str, milliseconds: float) -> None:
        """Note what is seen in a document, nothing perhaps, and how long that took."""
        uri = cursor.snapshot.uri
        show = self._shows.get(uri)
        if show is None or not show.renew(cursor, texts):
            self._dismiss(uri)
            show = self._begin(cursor, texts, model)
        if show is not None and texts:
            self._count(show.key, bucket(milliseconds))

    def follows(self, uri: str) -> bool:
        """Whether changes of a document tell anything."""
        return uri in self._shows or self._survival.follows(uri)

    def change(
        self, uri: str, text: str, offset: int | None = None, inserted: Sequence[str] = ()
    ) -> None:
        """Note that a document is `text` now; for the others see `Show.follow`."""
        self._survival.change(uri, text)
        self._settle()
        show = self._shows.get(uri)
        if show is None:
            return
        taken = show.follow(text, offset, inserted)
        if taken is not None:
            self._count(show.key, "characters", len(taken))
            stretch = self._stretches.get(uri)
            if stretch is None:
                stretch = self._survival.take(show.key, uri, text, taken.start, taken.end)
                self._stretches[uri] = stretch
            else:  # Word by word, it is one acceptance.
                stretch.end = taken.end
                stretch.text = text[stretch.start : stretch.end]
        if show.outcome is not None:
            self._last = self._shows.pop(uri)
            self._stretches.pop(uri, None)

    def confirm(self) -> None:
        """An editor tells that a suggestion was accepted, having put it in just now."""
        if self._last is not None:
            self._last.outcome = Outcome.ACCEPTED

    def forget(self, uri: str) -> None:
        """A document was closed."""
        self._dismiss(uri)
        self._survival.forget(uri)

    def end(self) -> None:
        """Nothing is seen any more."""
        for uri in list(self._shows):
            self._dismiss(uri)
        self._settle()

    def clear(self) -> None:
        """Forget everything, uncounted."""
        self.counts, self._last = {}, None
        self._shows.clear()
        self._stretches.clear()
        self._survival.clear()

    def so_far(self) -> Counts:
        """The counts, with what ended last, though an editor may yet tell another end of it."""
        show = self._last
        if show is None or show.outcome is None:
            return self.counts
        ended = self.counts.get(show.key, Counter()) + Counter([show.outcome.value])
        return {**self.counts, show.key: ended}

    def take(self) -> Counts:
        """The counts since the last time: they are the caller's now."""
        taken, self.counts = self.counts, {}
        return taken

    def _begin(self, cursor: Cursor, texts: Sequence[str], model: str) -> Show | None:
        if not texts:
            return None
        mode = "block" if "\n" in texts[0] else "line"
        show = Show.at(Key(self._today(), cursor.snapshot.language, model, mode), cursor, texts)
        self._shows[cursor.snapshot.uri] = show
        self._count(show.key, "shown")
        if len(self._shows) > _DOCUMENTS:
            self._dismiss(next(iter(self._shows)))
        return show

    def _dismiss(self, uri: str) -> None:
        show = self._shows.pop(uri, None)
        self._stretches.pop(uri, None)
        if show is not None:
            self._count(show.key, show.end(Outcome.DISMISSED).value)

    def _settle(self) -> None:
        """Count what ended last."""
        show, self._last = self._last, None
        if show is not None and show.outcome is not None:
            self._count(show.key, show.outcome.value)

    def _count(self, key: Key, name: str, by: int = 1) -> None:
        self.counts.setdefault(key, Counter())[name] += by


def summary(several: Sequence[Counts], today: str, since: str) -> dict[str, Any]:
    """As `polylsp/status` tells it: figures of today, and of the 30 days from `since` on."""

    def figures_since(day: str) -> dict[str, Any]:
        return figures(
            total(one for counts in several for key, one in counts.items() if key.day >= day)
        )

    return {"today": figures_since(today), "last30Days": figures_since(since)}
