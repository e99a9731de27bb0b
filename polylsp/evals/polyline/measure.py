"""The whole of `polylsp eval polyline`: models, baselines or contexts, asked at the same places and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polylsp.bench.claims import Claim, machine
from polylsp.evals.held import held_out
from polylsp.evals.kept import Kept, Row, stamp
from polylsp.evals.package import packages, text_of
from polylsp.evals.polyline import claims, known
from polylsp.evals.polyline.around import Packages
from polylsp.evals.polyline.copied import copied
from polylsp.evals.polyline.ngram import Ngram, Told
from polylsp.evals.polyline.points import Point, choose
from polylsp.evals.polyline.speaker import Said, Speaker
from polylsp.evals.polyline.summary import Scored, compared, scored, summary
from polylsp.evals.polyline.ways import WAYS, Way, trial
from polylsp.models.registry import load_model

FILES = 30  # Of each language, at the most.


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked."""

    models: Sequence[str]
    ways: Sequence[str] = ("prefix", "suffix", "memory")
    points: int = 150  # Of each language.
    trial: bool = False  # The context instead of the models.
    baselines: bool = True
    corpus: Sequence[Path] = ()  # What the 6-gram model learns besides.
    seed: int = 7


_Found = dict[str, list[Scored]]  # By way or baseline.


class Evaluation:
    """How to go about it."""

    def __init__(
        self,
        roots: Sequence[Path],
        plan: Plan,
        keep: Path | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Raises PolyError where `roots` hold no source files."""
        self._plan, self._kept, self._say = plan, Kept(keep), say
        self._packages = Packages(roots)
        self.points = choose(held_out(roots, FILES), plan.points, plan.seed)

    def report(self, names: Sequence[str]) -> dict[str, Any]:
        """All figures; `names` is what the sources are called. Raises ModelError, BackendError and PolyError."""
        models = {name: self.asked(name) for name in self._plan.models}
        baselines = self._baselines() if self._plan.baselines else {}
        made = list(claims.trial(models) if self._plan.trial else self._claims(models, baselines))
        return {
            "benchmark": "eval polyline",
            "machine": machine(),
            "sources": list(names),
            "points": len(self.points),
            "seed": self._plan.seed,
            "trial": self._plan.trial,
            "models": {name: _rows(found) for name, found in models.items()},
            "baselines": _rows(baselines),
            "compared": dict(self._compared(models, baselines)),
            "claims": [claim.row() for claim in made],
            "summary": [str(claim) for claim in made],
        }

    def asked(self, name: str) -> _Found:
        """What one model says in every way."""
        model = load_model(name, say=self._say)
        speaker = Speaker(model)
        asked = trial(model.layout.fills) if self._plan.trial else self._ways(model.layout.fills)
        return {way.name: self._said(speaker, way) for way in asked}

    def _ways(self, fills: bool) -> list[Way]:
        named = [WAYS[name] for name in self._plan.ways]
        return [way for way in named if fills or way is not WAYS["suffix"]]

    def _said(self, speaker: Speaker, way: Way) -> list[Scored]:
        tokenizer = speaker.model.tokenizer if way.memory else None
        about = f"{speaker.model.name}, {way.name}"
        step = self._steps(about)

        def say(point: Point) -> Row:
            step()
            around = self._packages.around(point.held, tokenizer)
            return _row(speaker.say(point.cursor, way, around))

        return self._scored(about, say, (stamp(speaker.model.folder), way))

    def _scored(self, about: str, say: Callable[[Point], Row], told: object) -> list[Scored]:
        points = {point.key: point for point in self.points}
        rows = self._kept.rows(about, points, say, told)
        return scored(self.points, {key: Said(*row) for key, row in rows.items()})

    def _baselines(self) -> _Found:
        return {
            "6-gram": self._scored("6-gram", self._ngram(), self._plan.corpus),
            "copy": scored(
                self.points, {one.key: _said(copied(one.cursor.prefix)) for one in self.points}
            ),
        }

    def _ngram(self) -> Callable[[Point], Row]:
        """What the package's other files and the corpus say; one file's model at a time."""
        step = self._steps("6-gram")
        corpus = list(_texts(self._plan.corpus))
        models: dict[Path, Ngram] = {}

        def say(point: Point) -> Row:
            step()
            file = point.held.file
            if file not in models:
                models.clear()
                models[file] = Ngram([*self._packages.texts(point.held), *corpus])
            return _row(_said(models[file].said(point.cursor.prefix)))

        return say

    def _steps(self, about: str) -> Callable[[], None]:
        count = 0

        def step() -> None:
            nonlocal count
            count += 1
            self._say(f"{about}: {count} of {len(self.points)} places")

        return step

    def _bootstrap(self, way: str) -> dict[str, bool]:
        right = known.read().get(way, {})
        keys = {point.key for point in self.points}
        return right if keys <= right.keys() else {}

    def _compared(
        self, models: Mapping[str, _Found], baselines: _Found
    ) -> Iterator[tuple[str, Any]]:
        """Pairs of ways: each of a model with its first, and each with each baseline."""
        for name, found in models.items():
            first = next(iter(found))
            base = "built" if self._plan.trial else first
            for way, ours in found.items():
                if way != base:
                    yield f"{name}: {base} over {way}", compared(found[base], ours)
            for other, theirs in baselines.items():
                for way, ours in found.items():
                    yield f"{name}: {way} over {other}", compared(ours, theirs)

    def _claims(self, models: Mapping[str, _Found], baselines: _Found) -> Iterator[Claim]:
        """The first model is the one that something is promised of."""
        name, found = next(iter(models.items()))
        bootstrap = {way: self._bootstrap(way) for way in found}
        keys = [point.key for point in self.points]
        yield from claims.model(name, found, baselines, bootstrap, keys)


def _rows(found: Mapping[str, Sequence[Scored]]) -> dict[str, Any]:
    return {name: summary(one) for name, one in found.items()}


def _texts(folders: Sequence[Path]) -> Iterator[str]:
    for _, files in packages(folders):
        yield from filter(None, map(text_of, files))


def _said(told: Told) -> Said:
    return Said(told.text, told.confidence, 0)


def _row(said: Said) -> Row:
    return [said.text, round(said.confidence, 6), said.prompt_tokens]
