"""Ask models and baselines at the same places; what was said can be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from polylsp.evals.held import held_out
from polylsp.evals.kept import Kept, Row, stamp
from polylsp.evals.package import packages, text_of
from polylsp.evals.polyline import known, ngram
from polylsp.evals.polyline.around import Packages
from polylsp.evals.polyline.copied import copied
from polylsp.evals.polyline.ngram import Ngram, Told
from polylsp.evals.polyline.points import SEED, Point, choose
from polylsp.evals.polyline.speaker import Said, Speaker
from polylsp.evals.polyline.summary import Scored, scored
from polylsp.evals.polyline.ways import WAYS, Way, trial
from polylsp.models.registry import Model, load_model

FILES = 30  # Of each language, at the most.
Found = dict[str, list[Scored]]  # By way or baseline.


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked."""

    models: Sequence[str]
    ways: Sequence[str] = ()  # Some of them; none for all.
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
        self._order = {point.key: at for at, point in enumerate(self.points, 1)}

    def model(self, name: str) -> Found:
        """What one model says in every way. Raises ModelError, BackendError and PolyError."""
        model = load_model(name, say=self._say)
        speaker, ways = Speaker(model), self._ways(model)
        # All ways at one place, then the next: prompts that begin alike are read once.
        items = {f"{way.name} {point.key}": (way, point) for point in self.points for way in ways}

        def said(item: tuple[Way, Point]) -> Row:
            way, point = item
            self._tell(model.name, point)
            tokenizer = model.tokenizer if way.memory else None
            around = self._packages.around(point.held, tokenizer)
            return _row(speaker.say(point.cursor, way, around))

        rows = self._kept.rows(model.name, items, said, stamp(model.folder))
        return {
            way.name: scored(
                self.points,
                {point.key: Said(*rows[f"{way.name} {point.key}"]) for point in self.points},
            )
            for way in ways
        }

    def baselines(self) -> Found:
        """What needs no model."""
        points = {point.key: point for point in self.points}
        weights = (ngram.ORDER, ngram.LOWER, ngram.CACHE)
        rows = self._kept.rows("6-gram", points, self._ngram(), (self.plan.corpus, weights))
        copies = {point.key: _said(copied(point.cursor.prefix)) for point in self.points}
        return {
            "6-gram": scored(self.points, {key: Said(*row) for key, row in rows.items()}),
            "copy": scored(self.points, copies),
        }

    def _ways(self, model: Model) -> list[Way]:
        fills, wanted = model.layout.fills, self.plan.ways
        every = trial(fills) if self.plan.trial else [*WAYS.values()]
        named = [way for way in every if way.name in wanted] if wanted else every
        return [way for way in named if fills or way is not WAYS["suffix"]]

    def _ngram(self) -> Callable[[Point], Row]:
        """What the package's other files and the corpus say; one file's model at a time."""
        corpus = list(_texts(self.plan.corpus))
        models: dict[Path, Ngram] = {}

        def said(point: Point) -> Row:
            self._tell("6-gram", point)
            file = point.held.file
            if file not in models:
                models.clear()
                models[file] = Ngram([*self._packages.texts(point.held), *corpus])
            return _row(_said(models[file].said(point.cursor.prefix)))

        return said

    def _tell(self, who: str, point: Point) -> None:
        self._say(f"{who}: {self._order[point.key]} of {len(self.points)} places")


def _texts(folders: Sequence[Path]) -> Iterator[str]:
    for _, files in packages(folders):
        yield from filter(None, map(text_of, files))


def _said(told: Told) -> Said:
    return Said(told.text, told.confidence, 0)


def _row(said: Said) -> Row:
    return [said.text, round(said.confidence, 6), said.prompt_tokens]
