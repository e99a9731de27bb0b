"""Ask models and baselines at the same places; what was said can be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from polylsp.evals.held import held_out
from polylsp.evals.kept import Kept, Row, stamp
from polylsp.evals.package import packages, text_of
from polylsp.evals.polyline import known
from polylsp.evals.polyline.around import Packages
from polylsp.evals.polyline.copied import copied
from polylsp.evals.polyline.ngram import Ngram, Told
from polylsp.evals.polyline.points import SEED, Point, choose
from polylsp.evals.polyline.speaker import Said, Speaker
from polylsp.evals.polyline.summary import Scored, scored
from polylsp.evals.polyline.ways import WAYS, Way, trial
from polylsp.models.registry import load_model

FILES = 30  # Of each language, at the most.
Found = dict[str, list[Scored]]  # By way or baseline.


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked."""

    models: Sequence[str]
    ways: Sequence[str] = tuple(WAYS)
    points: int = 150  # Of each language.
    trial: bool = False  # The context instead of the models.
    baselines: bool = True
    corpus: Sequence[Path] = ()  # What the 6-gram model learns besides.
    seed: int = SEED
    against: Path = known.FILE
    right: Path | None = None  # Where to write what the first model is right about.


class Asking:
    """Everybody is asked at the places of one plan."""

    def __init__(
        self,
        roots: Sequence[Path],
        plan: Plan,
        keep: Path | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Raises PolyError where `roots` hold no source files."""
        self.plan, self._kept, self._say = plan, Kept(keep), say
        self._packages = Packages(roots)
        self.points = choose(held_out(roots, FILES), plan.points, plan.seed)

    def model(self, name: str) -> Found:
        """What one model says in every way. Raises ModelError, BackendError and PolyError."""
        speaker = Speaker(load_model(name, say=self._say))
        return {way.name: self._model(speaker, way) for way in self._ways(speaker)}

    def baselines(self) -> Found:
        """What needs no model."""
        answers = {one.key: _said(copied(one.cursor.prefix)) for one in self.points}
        return {
            "6-gram": self._scored("6-gram", self._ngram(), self.plan.corpus),
            "copy": scored(self.points, answers),
        }

    def _ways(self, speaker: Speaker) -> list[Way]:
        fills = speaker.model.layout.fills
        if self.plan.trial:
            return trial(fills)
        named = [WAYS[name] for name in self.plan.ways]
        return [way for way in named if fills or way is not WAYS["suffix"]]

    def _model(self, speaker: Speaker, way: Way) -> list[Scored]:
        tokenizer = speaker.model.tokenizer if way.memory else None
        about = f"{speaker.model.name}, {way.name}"

        def said(point: Point) -> Row:
            around = self._packages.around(point.held, tokenizer)
            return _row(speaker.say(point.cursor, way, around))

        return self._scored(about, said, (stamp(speaker.model.folder), way))

    def _ngram(self) -> Callable[[Point], Row]:
        """What the package's other files and the corpus say; one file's model at a time."""
        corpus = list(_texts(self.plan.corpus))
        models: dict[Path, Ngram] = {}

        def said(point: Point) -> Row:
            file = point.held.file
            if file not in models:
                models.clear()
                models[file] = Ngram([*self._packages.texts(point.held), *corpus])
            return _row(_said(models[file].said(point.cursor.prefix)))

        return said

    def _scored(self, about: str, said: Callable[[Point], Row], told: object) -> list[Scored]:
        points = {point.key: point for point in self.points}
        order = list(points)

        def measure(point: Point) -> Row:
            self._say(f"{about}: {order.index(point.key) + 1} of {len(order)} places")
            return said(point)

        rows = self._kept.rows(about, points, measure, told)
        return scored(self.points, {key: Said(*row) for key, row in rows.items()})


def _texts(folders: Sequence[Path]) -> Iterator[str]:
    for _, files in packages(folders):
        yield from filter(None, map(text_of, files))


def _said(told: Told) -> Said:
    return Said(told.text, told.confidence, 0)


def _row(said: Said) -> Row:
    return [said.text, round(said.confidence, 6), said.prompt_tokens]
