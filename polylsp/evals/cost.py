"""What memory costs at every token and at every key, on indexes of several sizes.

The smallest is made of what is around the file that is typed, each larger one also of other packages' files, again
and again, in each copy with other words for the rarer ones: what is known of the file is about the same in all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.bench.claims import percentile
from polylsp.completer import Completer, snapshot
from polylsp.config import parse
from polylsp.engine.array import MOST, Array, width
from polylsp.engine.backend import Softmax
from polylsp.engine.build import build
from polylsp.engine.generate import Limits, generate
from polylsp.engine.live import Live
from polylsp.engine.memory import LONGEST, Ids, Kind, Match, Memory, Source
from polylsp.engine.mix import Mixed
from polylsp.engine.recall import Recall
from polylsp.engine.session import Session
from polylsp.engine.suffixes import Suffixes
from polylsp.evals.package import text_of
from polylsp.models.registry import Model
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.types import Cursor, Silence

SIZES = (10_000, 100_000, 1_000_000)  # Lines.
TOKENS = 1600
KEYS = 200
_SAID = 8  # Tokens, each time.
_READ = 64  # Tokens of a prompt.
_WARMING_UP = 5  # Keys that count for nothing: the first reads all of a prompt.
_FREQUENT = 400  # Tokens that every file has: they stay as they are.
_OPEN_FILES = 8
_OPENED = 40_000  # Tokens of them, at the most.


def measure(
    model: Model,
    files: Sequence[Path],
    typed: Path,
    sizes: Sequence[int] = SIZES,
    keys: int = KEYS,
    tokens: int = TOKENS,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Milliseconds by lines indexed of `files`, where `typed` is typed. Raises BackendError."""
    texts = list(_enough(filter(None, map(text_of, files)), max(sizes)))
    say(f"{model.name}: reading {len(texts):,} files")
    encoded = [np.array(model.tokenizer.encode(text)[: MOST - 1], np.uint32) for text in texts]
    indexes = {}
    for lines in sizes:
        say(f"{model.name}: indexing {lines:,} lines")
        indexes[lines] = indexed(texts, encoded, model.tokenizer, lines)
    say(f"{model.name}: generating")
    timed = _tokens(indexes, texts, model, typed, tokens)
    say(f"{model.name}: typing {typed.name}")
    pressed = _keys(indexes, model, typed, keys)
    return {
        "tokens": sum(len(one.seconds) for one in timed[max(sizes)][False]),
        "keys": len(next(iter(pressed.values()), ())),
        "lines": {
            str(lines): {
                **_percentiles("token", [one for each in by[False] for one in each.seconds]),
                **_percentiles("block_token", [one for each in by[True] for one in each.seconds]),
                **_percentiles("lookup", [one for each in by[False] for one in each.lookups]),
                **_percentiles("key", pressed[lines]),
            }
            for lines, by in timed.items()
        },
    }


def _percentiles(name: str, seconds: Sequence[float]) -> dict[str, float]:
    return {f"{name}_p{round(100 * at)}_ms": 1000 * percentile(seconds, at) for at in (0.5, 0.95)}


def indexed(
    texts: Sequence[str], encoded: Sequence[Ids], tokenizer: Tokenizer, lines: int
) -> Suffixes:
    """An index of as many lines, and no fewer, of `texts` and their tokens."""
    size = width(tokenizer.size)
    arrays: list[Array] = []
    streams: list[Ids] = []
    room = MOST
    for stream in _streams(texts, encoded, tokenizer, lines):
        if len(stream) + 1 > room:
            arrays.append(build(streams, size)[0])
            streams, room = [], MOST
        streams.append(stream)
        room -= len(stream) + 1
    return Suffixes(Kind.WORKSPACE, [*arrays, build(streams, size)[0]])


def _enough(texts: Iterable[str], lines: int) -> Iterator[str]:
    """The first of the texts that have so many lines together."""
    for text in texts:
        yield text
        lines -= text.count("\n")
        if lines <= 0:
            return


def _streams(
    texts: Sequence[str], encoded: Sequence[Ids], tokenizer: Tokenizer, lines: int
) -> Iterator[Ids]:
    rename = _Renaming(np.concatenate(encoded), tokenizer)
    other: Any = None
    while True:
        for text, ids in zip(texts, encoded, strict=True):
            yield ids if other is None else other[ids]
            lines -= text.count("\n")
            if lines <= 0:
                return
        other = rename.next()


class _Renaming:
    """Other words for the rarer ones, each time others."""

    def __init__(self, ids: Any, tokenizer: Tokenizer) -> None:
        self._size = tokenizer.size
        count = np.bincount(ids, minlength=self._size)
        frequent = min(_FREQUENT, int((count > 0).sum()) // 4)
        rare = np.argsort(-count, kind="stable")[frequent:]
        said = {int(id_): tokenizer.bytes_of([int(id_)]) for id_ in rare}
        words = [id_ for id_, word in said.items() if word.strip().isalpha()]
        # Those behind a space trade places among themselves.
        self._classes = [
            np.array([id_ for id_ in words if said[id_].startswith(b" ") == spaced], np.int64)
            for spaced in (False, True)
        ]
        self._random = np.random.default_rng(7)

    def next(self) -> Any:
        other = np.arange(self._size, dtype=np.uint32)
        for ids in self._classes:
            other[ids] = self._random.permutation(ids)
        return other


class _Timed(Recall):
    """Tells for each token how long what generates it was held up by memory, waiting included.

    A context manager for it would take as long as some of what is timed.
    """

    def __init__(self, sources: Sequence[Source], model: Model, history: Sequence[int]) -> None:
        self.seconds: list[float] = []
        self.lookups: list[float] = []  # What looking up took, on whatever thread.
        self._passed = 0.0
        super().__init__(_TimedMemory(sources, self.lookups), model.mixture.gate, history)

    def expect(
        self, answer: Sequence[int], draft: Sequence[int] = (), *, guessing: bool = False
    ) -> None:
        since = time.perf_counter()
        super().expect(answer, draft, guessing=guessing)
        self._passed += time.perf_counter() - since

    def mix(self, answer: Sequence[int], said: Softmax) -> Softmax | Mixed:
        since = time.perf_counter()
        found = super().mix(answer, said)
        self._passed += time.perf_counter() - since
        return found

    def draft(self, answer: Sequence[int], most: int) -> list[int]:
        since = time.perf_counter()
        found = super().draft(answer, most)
        self._passed += time.perf_counter() - since
        return found

    def choose(self, token: int) -> None:
        since = time.perf_counter()
        super().choose(token)
        self.seconds.append(self._passed + time.perf_counter() - since)
        self._passed = 0.0


class _TimedMemory(Memory):
    def __init__(self, sources: Sequence[Source], seconds: list[float]) -> None:
        super().__init__(sources)
        self._seconds = seconds

    def look(self, history: Sequence[int]) -> list[Match]:
        since = time.perf_counter()
        found = super().look(history)
        self._seconds.append(time.perf_counter() - since)
        return found


def _tokens(
    indexes: Mapping[int, Suffixes], texts: Sequence[str], model: Model, typed: Path, count: int
) -> dict[int, dict[bool, list[_Timed]]]:
    """Of each size what generating so many tokens costs where `typed` is typed, and whether of a block.

    The sizes take turns at the same places. What blocks say is guessed, of lines it is not.
    """
    ids = np.array(model.tokenizer.encode(text_of(typed)), np.uint32)
    others = np.array(model.tokenizer.encode("".join(texts[:_OPEN_FILES])), np.uint32)
    opened = Live(Kind.OPEN, others[:_OPENED])
    random = np.random.default_rng(7)
    places = random.integers(LONGEST, max(LONGEST + 1, len(ids)), -(-count // _SAID))
    session = Session(model.weights.tape())
    timed: dict[int, dict[bool, list[_Timed]]]
    timed = {lines: {False: [], True: []} for lines in indexes}
    for at, block, lines in product(places.tolist(), (False, True), indexes):
        above, prompt = Live(Kind.ABOVE, ids[:at]), ids[max(0, at - _READ) : at].tolist()
        recall = _Timed([above, opened, indexes[lines]], model, prompt)
        session.clear()
        limits = Limits(_SAID)
        generate(session, prompt, limits, lookup=block, hurried=not block, recall=recall)
        timed[lines][block].append(recall)
    return timed


def _keys(
    indexes: Mapping[int, Suffixes], model: Model, typed: Path, keys: int
) -> dict[int, list[float]]:
    """Of each size the seconds of the engine for every key, the sizes taking turns to be first."""
    config, _ = parse({"engine": {"budget": 60_000}})
    completers = {lines: Completer(model, config) for lines in indexes}
    found: dict[int, list[float]] = {lines: [] for lines in indexes}
    text, uri = text_of(typed), typed.absolute().as_uri()
    start = text.rfind("\n", 0, len(text) // 2) + 1
    for count, at in enumerate(range(start, min(len(text), start + keys))):
        cursor = Cursor(snapshot(uri, at, "", text[:at], typed.name), at)
        order = list(completers)
        for lines in order[count % len(order) :] + order[: count % len(order)]:
            since = time.perf_counter()
            said = completers[lines].draft(cursor, [indexes[lines]])
            if not isinstance(said, Silence):
                found[lines].append(time.perf_counter() - since)
    return {lines: some[_WARMING_UP:] for lines, some in found.items()}
