"""Bringing an index up to date: what is new is read, tokenised and written; what is gone is forgotten.

Tokens are written some hundred thousand at a time, so little is lost whenever the process ends, and the
manifest always tells of whole segments only. Small segments are merged, and worn ones written anew: a look-up
takes time for each. What could not be written yet stays in `Pending` for the next update.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from polylsp.engine.array import MOST, SHORT, width
from polylsp.engine.memory import Ids, Kind
from polylsp.workspace import manifest as manifests
from polylsp.workspace import segments
from polylsp.workspace.encoding import Encoder
from polylsp.workspace.manifest import Content, Entry, Run
from polylsp.workspace.places import State
from polylsp.workspace.reading import read
from polylsp.workspace.walk import Found

_AT_ONCE = 1 << 17  # Tokens that are written together.
_MANY = (
    4 * SHORT
)  # Tokens of a kind from which on few long segments are worth their longer positions.
_MOST_SMALL = 8
_GROWTH = (
    4  # A segment is merged with smaller ones that together have a share of this of its tokens.
)
_SETTLED = 2_000_000_000  # Nanoseconds; a file changed less long ago may change again unseen.
_SHARE = 0.75  # Of the size limit: what is out of date takes some, too.

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an update is: files that were read, those to read, and the one that comes now."""

    done: int
    total: int
    file: str


@dataclass(slots=True)
class Pending:
    """Contents that are tokenised and not written, of one kind."""

    contents: dict[str, tuple[Content, list[Ids]]] = field(default_factory=dict)
    tokens: int = 0

    def add(self, digest: str, content: Content, streams: list[Ids]) -> None:
        self.contents[digest] = (content, streams)
        self.tokens += content.tokens


class Writer:
    """One update of one index; its lock is held all the while. Everything may raise OSError."""

    def __init__(
        self,
        folder: Path,
        root: Path,
        state: State,
        encoder: Encoder,
        pending: dict[Kind, Pending],
        publish: Callable[[State], None],
    ) -> None:
        self.unreadable: list[str] = []
        self.read = 0
        self._folder = folder
        self._root = root
        self._manifest = state.manifest
        self._arrays = dict(state.arrays)
        self._encoder = encoder
        self._width = width(encoder.n_vocab)
        self._pending = pending
        self._publish = publish

    def update(
        self,
        found: Sequence[Found],
        megabytes: float,
        halted: Callable[[], bool],
        say: Callable[[Progress], None],
    ) -> bool:
        """Have the index tell of `found` and nothing else, as far as the size limit goes; False where halted.

        What was touched last goes first.
        """
        found = sorted(found, key=lambda one: (one.kind, -one.changed))
        left = int(megabytes * 1_000_000 * _SHARE / (self._width + 2.5))
        old = self._manifest.files
        total = sum(not _same(old.get(one.path), one) for one in found)
        files: dict[str, Entry] = {}
        for number, one in enumerate(found):
            if halted():
                self._stop({one.path: old[one.path] for one in found if one.path in old}, files)
                return False
            entry = old.get(one.path)
            if not _same(entry, one):
                say(Progress(self.read, total, one.path))
                entry = self._learn(one, files)
                self.read += 1
            if entry is not None:
                left -= self._tokens(entry.digest, one.kind)
                if left < 0:
                    log.warning(
                        "the index of %s is full: %d files are left out (memory.megabytes)",
                        self._root,
                        len(found) - number,
                    )
                    break
                files[one.path] = entry
        for kind in list(self._pending):
            self._flush(kind, files)
        if files != self._manifest.files or not (self._folder / manifests.NAME).exists():
            self._save(files)
        return self._compact(halted)

    def _stop(self, old: dict[str, Entry], new: dict[str, Entry]) -> None:
        """End in the middle: what is only pending is read again, and found there; until then, the old counts."""
        contents = self._manifest.contents
        files = {**old, **{path: one for path, one in new.items() if one.digest in contents}}
        if files != self._manifest.files:
            self._save(files)

    def _learn(self, one: Found, files: dict[str, Entry]) -> Entry | None:
        try:
            content = read(self._root / one.path)
        except (OSError, ValueError):
            self.unreadable.append(one.path)
            return None
        pending = self._pending.setdefault(one.kind, Pending())
        known = content.digest in self._manifest.contents
        if not (known or any(content.digest in other.contents for other in self._pending.values())):
            streams = self._encoder.encode(content.text)
            if sum(len(ids) + 1 for ids, _ in streams) > MOST:
                streams = []
            runs = tuple(Run(0, len(ids), line) for ids, line in streams)
            about = Content("", runs, content.text.count("\n") + 1, content.size)
            pending.add(content.digest, about, [ids for ids, _ in streams])
        settled = time.time_ns() - one.changed > _SETTLED
        entry = Entry(one.size, one.changed if settled else -1, content.digest)
        if pending.tokens >= _AT_ONCE:
            self._flush(one.kind, {**self._manifest.files, **files, one.path: entry})
        return entry

    def _tokens(self, digest: str, kind: Kind) -> int:
        known = self._manifest.contents.get(digest)
        pending = self._pending.get(kind, Pending()).contents.get(digest)
        return known.tokens if known else pending[0].tokens if pending else 0

    def _flush(self, kind: Kind, files: dict[str, Entry]) -> None:
        """Write what is pending; the manifest tells of it at once."""
        pending = self._pending.pop(kind, Pending())
        if not pending.contents:
            return
        empty = {
            digest: content
            for digest, (content, _) in pending.contents.items()
            if not content.tokens
        }
        self._manifest = dataclasses.replace(
            self._manifest, contents={**self._manifest.contents, **empty}
        )
        full = (
            (digest, content, streams)
            for digest, (content, streams) in pending.contents.items()
            if content.tokens
        )
        for _ in self._write(kind, full):
            pass
        self._save(files)
        most = self._most(kind)
        small = [
            one
            for one in self._manifest.segments.values()
            if one.kind is kind and one.count < most // 2
        ]
        if len(small) > _MOST_SMALL:
            self._compact(lambda: False)

    def _write(
        self, kind: Kind, contents: Iterable[tuple[str, Content, list[Ids]]]
    ) -> Iterator[None]:
        """Write contents into as many segments as they take; yields after each."""
        batch: list[tuple[str, Content, list[Ids]]] = []
        count, most = 0, self._most(kind)
        for one in contents:
            more = one[1].tokens + len(one[2])
            if batch and count + more > most:
                self._segment(kind, batch)
                yield
                batch, count = [], 0
            batch.append(one)
            count += more
        if batch:
            self._segment(kind, batch)
            yield

    def _segment(self, kind: Kind, batch: list[tuple[str, Content, list[Ids]]]) -> None:
        streams = [ids for _, _, streams in batch for ids in streams]
        segment, array, ends = segments.write(self._folder, kind, self._width, streams)
        where = iter(ends)
        contents = {
            digest: dataclasses.replace(
                content,
                segment=segment.name,
                runs=tuple(dataclasses.replace(run, end=next(where)) for run in content.runs),
            )
            for digest, content, _ in batch
        }
        self._arrays[segment.name] = array
        self._manifest = self._manifest.with_segment(segment, contents)

    def _save(self, files: dict[str, Entry]) -> None:
        """Write the manifest, with those of `files` whose content is written; then the rest can go."""
        contents = self._manifest.contents
        files = {path: entry for path, entry in files.items() if entry.digest in contents}
        manifest = self._manifest.having(files)
        used = {one.segment for one in manifest.contents.values()}
        manifest = manifest.without([name for name in manifest.segments if name not in used])
        self._arrays = {name: self._arrays[name] for name in manifest.segments}
        manifests.save(self._folder, manifest)
        self._manifest = manifest
        self._publish(State(manifest, self._arrays))
        segments.sweep(self._folder, manifest.segments)

    def _compact(self, halted: Callable[[], bool]) -> bool:
        """Merge small segments and write worn ones anew; False where halted before that was done."""
        for kind in (Kind.WORKSPACE, Kind.DEPENDENCIES):
            chosen = self._to_merge(kind)
            for _ in self._write(kind, self._contents(chosen)):
                if halted():
                    return False  # What was written is swept away: nothing tells of it.
            if chosen:
                self._save(dict(self._manifest.files))
        return True

    def _to_merge(self, kind: Kind) -> set[str]:
        """The segments to write anew."""
        live = dict.fromkeys(
            (name for name, one in self._manifest.segments.items() if one.kind is kind), 0
        )
        for content in self._manifest.contents.values():
            if content.segment in live:
                live[content.segment] += content.tokens + len(content.runs)
        worn = {
            name
            for name, count in live.items()
            if count * 3 <= self._manifest.segments[name].count * 2
        }
        most = self._most(kind)
        small = sorted((count, name) for name, count in live.items() if count < most // 2)
        together, merged = 0, 0
        for number, (count, _) in enumerate(small):
            if number and count <= _GROWTH * together:
                merged = number + 1
            together += count
        return worn | {name for _, name in small[:merged]}

    def _most(self, kind: Kind) -> int:
        """Tokens that a segment may have."""
        segments = self._manifest.segments.values()
        return MOST if sum(one.count for one in segments if one.kind is kind) > _MANY else SHORT

    def _contents(self, chosen: set[str]) -> Iterator[tuple[str, Content, list[Ids]]]:
        """What lies in some segments, read back."""
        for digest, content in list(self._manifest.contents.items()):
            if content.segment in chosen:
                array = self._arrays[content.segment]
                streams = [
                    array.numbers(run.start + 1, run.end)[::-1].astype(np.uint32)
                    for run in content.runs
                ]
                yield digest, content, streams


def _same(entry: Entry | None, found: Found) -> bool:
    """Whether a file is what it was when it was read, as far as its folder tells."""
    return entry is not None and (entry.size, entry.changed) == (found.size, found.changed)
