"""What an index holds: its segments, what lies where in them, and which files that is.

One JSON file, replaced whole; its first line is a checksum of the rest. A content is kept once, whatever number
of files has it, under its hash; where secrets break it, as several runs. Knows nothing of tokens.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polylsp.engine.memory import Kind
from polylsp.workspace.segments import Segment, replace

NAME = "manifest.json"
VERSION = 2  # Another one lies in another folder.


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens without a break: places from `end - count - 1`, a border, to `end`, backwards."""

    end: int
    count: int
    line: int  # The first one's, in its file.

    @property
    def start(self) -> int:
        return self.end - self.count - 1


@dataclass(frozen=True, slots=True)
class Content:
    segment: str  # "" where nothing of it is remembered.
    runs: tuple[Run, ...]
    lines: int
    size: int  # Bytes of the file.

    @property
    def tokens(self) -> int:
        return sum(run.count for run in self.runs)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, as it was when it was read."""

    size: int
    changed: int  # Nanoseconds; -1 where it may have changed since without anybody seeing it.
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    root: str
    segments: Mapping[str, Segment] = field(default_factory=dict)  # By name.
    contents: Mapping[str, Content] = field(default_factory=dict)  # By hash.
    files: Mapping[str, Entry] = field(default_factory=dict)  # By path from the root on.

    def having(self, files: Mapping[str, Entry]) -> Manifest:
        """The same with these files, and no content that none of them has."""
        wanted = {entry.digest for entry in files.values()}
        contents = {digest: one for digest, one in self.contents.items() if digest in wanted}
        return dataclasses.replace(self, files=files, contents=contents)

    def without(self, segments: Collection[str]) -> Manifest:
        """The same without what lies in some segments: files whose content that was are as if new."""
        if not segments:
            return self
        contents = {
            digest: one for digest, one in self.contents.items() if one.segment not in segments
        }
        return Manifest(
            self.root,
            {name: one for name, one in self.segments.items() if name not in segments},
            contents,
            {path: one for path, one in self.files.items() if one.digest in contents},
        )

    def with_segment(self, segment: Segment, contents: Mapping[str, Content]) -> Manifest:
        return dataclasses.replace(
            self,
            segments={**self.segments, segment.name: segment},
            contents={**self.contents, **contents},
        )

    def figures(self) -> dict[str, int]:
        """How much the index holds."""
        held = [one for one in self.contents.values() if one.runs]
        tokens = sum(one.tokens for one in held)
        places = sum(one.count for one in self.segments.values())
        return {
            "files": sum(bool(self.contents[one.digest].runs) for one in self.files.values()),
            "lines": sum(one.lines for one in held),
            "bytes": sum(one.size for one in held),
            "tokens": tokens,
            "segments": len(self.segments),
            "dead": places - tokens - sum(len(one.runs) for one in held),
        }

    def runs(self, digests: Iterable[str]) -> dict[str, list[Run]]:
        """The runs of some contents, by segment."""
        found: dict[str, list[Run]] = {}
        for digest in digests:
            one = self.contents.get(digest)
            if one and one.runs:
                found.setdefault(one.segment, []).extend(one.runs)
        return found


def save(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest. Raises OSError."""
    numbers = {digest: index for index, digest in enumerate(manifest.contents)}
    body = json.dumps(
        {
            "root": manifest.root,
            "segments": [dataclasses.astuple(one) for one in manifest.segments.values()],
            "contents": [
                [digest, one.segment, _written(one.runs), one.lines, one.size]
                for digest, one in manifest.contents.items()
            ],
            "files": [
                [path, one.size, one.changed, numbers[one.digest]]
                for path, one in manifest.files.items()
            ],
        },
        separators=(",", ":"),
    ).encode()
    replace(folder / NAME, (_checksum(body) + b"\n", body))


def _written(runs: Iterable[Run]) -> list[tuple[int, int, int]]:
    return [(run.end, run.count, run.line) for run in runs]


def load(folder: Path) -> Manifest:
    """The manifest as it was written. Raises OSError where there is none, ValueError where it is damaged."""
    checksum, _, body = (folder / NAME).read_bytes().partition(b"\n")
    if checksum != _checksum(body):
        raise ValueError(f"{folder / NAME} is not what was written")
    try:
        return _parsed(json.loads(body))
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"{folder / NAME} holds something else") from error


def _parsed(written: Any) -> Manifest:
    contents = {
        digest: Content(segment, tuple(Run(*run) for run in runs), lines, size)
        for digest, segment, runs, lines, size in written["contents"]
    }
    digests = list(contents)
    return Manifest(
        str(written["root"]),
        {name: Segment(name, Kind(kind), *rest) for name, kind, *rest in written["segments"]},
        contents,
        {
            path: Entry(size, changed, digests[number])
            for path, size, changed, number in written["files"]
        },
    )


def _checksum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).hexdigest().encode()
