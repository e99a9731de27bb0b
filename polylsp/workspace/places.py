"""Sources that know where their tokens come from: what an index has on disk, and what was changed lately."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from polylsp.engine.array import Array, Numbers
from polylsp.engine.live import BORDER, ROOM, Live
from polylsp.engine.memory import Ids, Kind, Source
from polylsp.engine.suffixes import Suffixes
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.workspace.manifest import Manifest, Run

Ranges = np.ndarray[Any, np.dtype[np.int64]]  # Two columns: from which place to which.
NOTHING: Ranges = np.zeros((0, 2), np.int64)


@dataclass(frozen=True, eq=False)
class State:
    """An index as it was written at one time."""

    manifest: Manifest
    arrays: Mapping[str, Array] = field(default_factory=dict)  # By segment.

    def prepare(self) -> None:
        """Have at hand what every look-up needs, before somebody waits for it."""
        assert self.paths is not None
        assert self.dead is not None

    @cached_property
    def paths(self) -> dict[str, list[str]]:
        """The files of each content."""
        found: dict[str, list[str]] = {}
        for path, entry in self.manifest.files.items():
            found.setdefault(entry.digest, []).append(path)
        return found

    @cached_property
    def runs(self) -> dict[str, tuple[list[int], list[tuple[Run, str]]]]:
        """The runs of each segment with their contents, in order, and their ends."""
        found: dict[str, list[tuple[Run, str]]] = {name: [] for name in self.arrays}
        for digest, content in self.manifest.contents.items():
            for run in content.runs:
                found[content.segment].append((run, digest))
        ordered = {name: sorted(runs, key=lambda one: one[0].end) for name, runs in found.items()}
        return {name: ([run.end for run, _ in runs], runs) for name, runs in ordered.items()}

    @cached_property
    def dead(self) -> dict[str, Ranges]:
        """What no file has any more, by segment."""
        found = {}
        for name, array in self.arrays.items():
            ends, runs = self.runs[name]
            gaps = zip([0, *ends], [*(run.start for run, _ in runs), len(array)], strict=True)
            found[name] = _ranges([(start, end) for start, end in gaps if start < end])
        return found

    def left_out(self, hidden: Collection[str]) -> dict[str, Ranges]:
        """What no file has but those at `hidden` paths, by segment."""
        files = self.manifest.files
        digests = {files[path].digest for path in hidden if path in files}
        alone = [one for one in digests if all(path in hidden for path in self.paths[one])]
        found = dict(self.dead)
        for name, runs in self.manifest.runs(alone).items():
            hiding = _ranges([(run.start, run.end) for run in runs])
            both = np.concatenate([found[name], hiding])
            found[name] = both[np.argsort(both[:, 0])]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A file that was changed lately; no pieces where there is nothing of it to remember."""

    path: str
    changed: int  # When, as its folder tells.
    pieces: tuple[tuple[Ids, int], ...] = ()  # Tokens, and the line each begins in.

    @property
    def tokens(self) -> int:
        return sum(len(ids) for ids, _ in self.pieces)


@dataclass(frozen=True, slots=True)
class View:
    """One index at one moment, as one request sees it."""

    shown: str  # What stands before its files' paths when they are shown.
    state: State
    changed: Sequence[Changed]  # The latest last.
    hidden: Collection[str]  # Paths of files that are known better elsewhere.

    def same(self, other: View) -> bool:
        """Whether the other one shows the same."""
        return (
            (self.state, self.hidden) == (other.state, other.hidden)
            and self.shown == other.shown
            and self.changed == other.changed
        )


def sources(views: Sequence[View]) -> tuple[Source, ...]:
    """All that some indexes know: of each kind one source, where there is anything of it."""
    found: list[Source] = []
    for kind in (Kind.WORKSPACE, Kind.DEPENDENCIES):
        stored = _stored(kind, views)
        found += [stored] if stored else []
    recent = [
        (ids, view.shown + one.path, line)
        for view in views
        for one in view.changed
        if one.path not in view.hidden
        for ids, line in one.pieces
    ]
    return (*found, Recent(recent)) if recent else tuple(found)


class Lines:
    """Counts lines in tokens."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        said = [tokenizer.bytes_of([token]) for token in range(tokenizer.size)]
        self._counts = np.array([one.count(b"\n") for one in said], np.int64)
        self._leading = np.array([len(one) - len(one.lstrip(b"\n")) for one in said], np.int64)

    def before(self, tokens: Numbers | Ids, token: np.int64 | np.uint32) -> int:
        """How many begin before the text of `token`: in the tokens before it, and where it starts with some."""
        return int(self._counts[tokens].sum() + self._leading[token])


class Stored(Suffixes):
    """What some indexes have on disk, of one kind."""

    def __init__(
        self, kind: Kind, parts: Sequence[tuple[View, str]], left_out: Mapping[int, Ranges]
    ) -> None:
        """`parts`: views, and the name of one of their segments."""
        super().__init__(kind, [view.state.arrays[name] for view, name in parts], left_out)
        self._parts = parts

    def origin(self, at: int, lines: Lines) -> tuple[str, int] | None:
        """The file and line of a place; None where nothing is."""
        index, place = self.where(at)
        view, name = self._parts[index]
        ends, runs = view.state.runs[name]
        number = bisect_left(ends, place)
        if number == len(runs) or place <= runs[number][0].start:
            return None
        run, digest = runs[number]
        # From the place on, one token further back, stands what came before it.
        tokens = view.state.arrays[name].numbers(place - 1, run.end)
        paths = view.state.paths[digest]
        path = next((one for one in paths if one not in view.hidden), paths[0])
        return view.shown + path, run.line + lines.before(tokens[1:], tokens[0])


class Recent(Live):
    """What was changed lately."""

    def __init__(self, pieces: Sequence[tuple[Ids, str, int]]) -> None:
        border = np.full(1, BORDER, np.uint32)
        parts = [part for ids, _, _ in pieces for part in (ids, border)]
        super().__init__(Kind.RECENT, np.concatenate(parts))
        self._pieces = pieces
        lengths = [len(ids) + 1 for ids, _, _ in pieces]
        self._starts = [ROOM + int(end) for end in np.cumsum([0, *lengths])[:-1]]

    def origin(self, at: int, lines: Lines) -> tuple[str, int] | None:
        """The file and line of a place; None where nothing is."""
        number = bisect_right(self._starts, at) - 1
        if number < 0 or at - self._starts[number] >= len(self._pieces[number][0]):
            return None
        ids, path, line = self._pieces[number]
        within = at - self._starts[number]
        return path, line + lines.before(ids[:within], ids[within])


def _stored(kind: Kind, views: Sequence[View]) -> Stored | None:
    parts: list[tuple[View, str]] = []
    left_out: dict[int, Ranges] = {}
    for view in views:
        out = view.state.left_out({*view.hidden, *(one.path for one in view.changed)})
        for name, segment in view.state.manifest.segments.items():
            if segment.kind is kind:
                left_out[len(parts)] = out[name]
                parts.append((view, name))
    return Stored(kind, parts, left_out) if parts else None


def _ranges(pairs: Sequence[tuple[int, int]]) -> Ranges:
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
