"""Read stretches of held-out files: the model through what stands before, the memory looked up at every token."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from polylsp.engine.backend import CHUNK, Logits, log_softmax
from polylsp.engine.live import Live
from polylsp.engine.memory import LONGEST, Kind, Match, Memory
from polylsp.evals.package import Package, packages
from polylsp.evals.positions import Document, Numbers, Positions, joined
from polylsp.models.registry import Model

_OPENED = 2  # Files beside, where any are open.
_LEAST_ABOVE = 8  # Tokens before a stretch.


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is read."""

    tokens: int = 400  # Of each file, from its first third on.
    context: int = 600  # Tokens before them that the model sees; memory sees all there are.


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is read of one file, and what is known besides."""

    file: Path
    language: str
    opened: int
    below: bool


def read(
    model: Model,
    roots: Sequence[Path],
    files: Mapping[str, Sequence[Path]],
    plan: Plan,
    say: Callable[[str], None] = lambda _: None,
) -> Positions:
    """Every one of `files`, with the rest of its package among `roots` indexed. Raises BackendError."""
    parts = []
    left = sum(len(chosen) for chosen in files.values())
    for root, paths in packages(roots):
        inside = [one for one in _stretches(files) if one.file in set(paths)]
        if not inside:
            continue
        say(f"{model.name}: {left} files left, indexing {root.name}")
        package = Package(root, paths, model.tokenizer)
        for one in inside:
            say(f"{model.name}: {left} files left, {one.language} {one.file.name}")
            left -= 1
            if one.file in package.tokens:
                parts.append(_read(model, package, one, plan))
    return joined(parts)


def _stretches(files: Mapping[str, Sequence[Path]]) -> Iterator[Stretch]:
    """With other files open, and with text behind the stretch, for half of each language each."""
    for language, chosen in files.items():
        for index, file in enumerate(chosen):
            yield Stretch(file, language, _OPENED * (index % 2 == 0), index % 4 < 2)


def _read(model: Model, package: Package, stretch: Stretch, plan: Plan) -> Positions:
    ids: list[int] = package.tokens[stretch.file].tolist()
    start = max(min(_LEAST_ABOVE, len(ids)), len(ids) // 3)
    end = min(len(ids), start + plan.tokens)
    around = package.around(stretch.file, stretch.opened)
    behind = np.array(ids[end:], np.uint32)
    below = [Live(Kind.BELOW, behind)] if stretch.below and len(behind) else []
    found = _Found()
    for at, logprobs in zip(range(start, end), _said(model, ids, start, end, plan), strict=True):
        above = Live(Kind.ABOVE, np.array(ids[:at], np.uint32))
        memory = Memory([above, *below, *around.sources])
        found.add(ids[at], logprobs, memory.look(ids[max(0, at - LONGEST) : at]))
    said = [model.tokenizer.bytes_of([token]) for token in ids[start:end]]
    document = Document(
        language=stretch.language,
        package=package.root.name,
        file=package.named(stretch.file),
        first=0,
        end=end - start,
        bytes=sum(map(len, said)),
        opened=len(around.opened),
        below=bool(below),
        twins=tuple(map(package.named, around.twins)),
    )
    return found.positions(document, [b"\n" in one for one in said])


def _said(model: Model, ids: Sequence[int], start: int, end: int, plan: Plan) -> Iterator[Logits]:
    """What the model finds likely at each place from `start` to `end`, as logarithms."""
    special = model.layout.start
    begin = [model.tokenizer.special[special]] if special else []
    room = model.weights.n_ctx - len(begin) - (end - start)
    first = max(0, start - min(plan.context, room))
    read = [*begin, *ids[first : end - 1]]
    asked = len(read) - (end - start)  # Places before, but the last.
    tape = model.weights.tape()
    for at in range(0, len(read), CHUNK):
        logits = tape.extend(read[at : at + CHUNK], last=len(read[at : at + CHUNK]))
        for row in logits[max(0, asked - at) :]:
            yield log_softmax(row)


class _Found:
    """Positions of one stretch while it is read."""

    def __init__(self) -> None:
        self._spoken: list[tuple[int, float, int, float]] = []
        self._matches: list[tuple[int, int, int, int]] = []
        self._named: list[tuple[int, int, int, float]] = []

    def add(self, token: int, logprobs: Logits, matches: Sequence[Match]) -> None:
        likeliest = int(logprobs.argmax())
        for match in matches:
            index = len(self._matches)
            self._matches.append((len(self._spoken), match.kind, match.order, match.length))
            self._named += [
                (index, named, count, float(logprobs[named])) for named, count in match.following
            ]
        self._spoken.append((token, float(logprobs[token]), likeliest, float(logprobs[likeliest])))

    def positions(self, document: Document, ends: Sequence[bool]) -> Positions:
        token, own, likeliest, sure = _columns(self._spoken, 4)
        at, kind, order, length = _columns(self._matches, 4)
        match, named, count, said = _columns(self._named, 4)
        return Positions(
            (document,),
            *(_whole(token), own, _whole(likeliest), sure, np.array(ends, bool)),
            *(_whole(at), _whole(kind), _whole(order), _whole(length)),
            *(_whole(match), _whole(named), _whole(count), said),
        )


def _whole(numbers: Numbers) -> Numbers:
    return numbers.astype(np.int64)


def _columns(rows: Sequence[Sequence[float]], count: int) -> Numbers:
    return np.array(rows, np.float64).reshape(-1, count).T
