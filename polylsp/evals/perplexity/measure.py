"""The whole of `polylsp eval perplexity`: models read the same texts, the first is compared with the bootstrap."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from polylsp.bench.claims import Claim, machine
from polylsp.errors import PolyError
from polylsp.evals.held import Held, held_out
from polylsp.evals.kept import Kept, Row, stamp
from polylsp.evals.perplexity import losses, words
from polylsp.evals.perplexity.losses import Loss, bits_per_byte, by_language, shared
from polylsp.evals.perplexity.windows import WINDOW, nats
from polylsp.models.registry import Model, load_model

_GAIN = 0.08  # Fewer bits than the bootstrap needs,
_FIRST = ("c", "cpp")  # and in the languages that come first each by itself.


@dataclass(frozen=True, slots=True)
class Plan:
    """What is read."""

    files: int = 8  # Of each language,
    characters: int = (
        8000  # and of each file, from its start to the end of a line; 0 for all of it.
    )
    whole: bool = False  # Every file there is, as a published test set is meant.
    words: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    """What is read of one file."""

    held: Held
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How to go about it."""

    plan: Plan
    keep: Path | None = None
    against: Path = losses.BOOTSTRAP
    say: Callable[[str], None] = lambda _: None

    def texts(self, roots: Sequence[Path]) -> list[Text]:
        """What is read of the files under `roots`. Raises PolyError."""
        plan = self.plan
        files = held_out(roots, plan.files, plan.whole)
        most = 0 if plan.whole else plan.characters
        return [Text(one, _beginning(one.text, most)) for found in files.values() for one in found]

    def read(self, name: str, texts: Sequence[Text]) -> tuple[str, list[Loss]]:
        """A model's name, and what each text costs it. Raises ModelError, BackendError and PolyError."""
        model = load_model(name, say=self.say)
        left = len(texts)

        def cost(text: Text) -> Row:
            nonlocal left
            self.say(f"{model.name}: {left} files left, {text.held.language} {text.held.name}")
            left -= 1
            return list(self._cost(model, text))

        items = {text.sha256: text for text in texts}
        rows = Kept(self.keep).rows(model.name, items, cost, (stamp(model.folder), WINDOW))
        return model.name, [self._loss(items[key], row) for key, row in rows.items()]

    def report(self, found: Mapping[str, Sequence[Loss]], names: Sequence[str]) -> dict[str, Any]:
        """All figures of the models' losses; `names` is what the sources are called."""
        first = next(iter(found))
        try:
            before = losses.read(self.against)
        except (ValueError, TypeError, OSError) as error:
            raise PolyError(
                f"{self.against} cannot be read ({error}): `--losses` writes such files"
            ) from error
        pairs = shared(found[first], before)
        claims = list(_claims(first, pairs))
        return {
            "benchmark": "eval perplexity",
            "machine": machine(),
            "sources": list(names),
            "window": WINDOW,
            "characters": 0 if self.plan.whole else self.plan.characters,
            "models": {name: _rows(ones) for name, ones in found.items()},
            "bootstrap": _rows([other for _, other in pairs]) if pairs else None,
            "claims": [claim.row() for claim in claims],
            "summary": [str(claim) for claim in claims],
        }

    def _cost(self, model: Model, text: Text) -> tuple[int, float]:
        ids = model.tokenizer.encode(text.text)
        return len(ids), nats(model, ids)

    def _loss(self, text: Text, row: Row) -> Loss:
        held = text.held
        counted = words.count(held.language, text.text) if self.plan.words else 0
        size = len(text.text.encode())
        return Loss(text.sha256, held.language, held.package, held.name, size, counted, *row)


def _beginning(text: str, characters: int) -> str:
    if not characters or len(text) <= characters:
        return text
    return text[: text.rfind("\n", 0, characters) + 1] or text[:characters]


def _rows(found: Sequence[Loss]) -> dict[str, Any]:
    """By language, and the mean of the languages, each counted alike."""
    languages = {language: losses.row(ones) for language, ones in by_language(found).items()}
    bits = [row["bits_per_byte"] for row in languages.values()]
    return {
        "files": len(found),
        "bits_per_byte": round(mean(bits), 4) if bits else 0.0,
        "languages": languages,
    }


def _claims(name: str, pairs: Sequence[tuple[Loss, Loss]]) -> Iterator[Claim]:
    """What is promised of a model, on texts that the bootstrap was measured on."""
    if not pairs:
        return
    ours = _bits([one for one, _ in pairs])
    before = _bits([other for _, other in pairs])
    n = len(pairs)
    average, bootstrap = mean(ours.values()), mean(before.values())
    target = round((1 - _GAIN) * bootstrap, 4)
    yield Claim("bits_per_byte", average, target, n, more_is_better=False, model=name)
    yield Claim("bits_gain_vs_bootstrap", 1 - average / bootstrap, _GAIN, n, model=name)
    for language in _FIRST:
        if language in ours:
            gain = 1 - ours[language] / before[language]
            yield Claim(f"bits_gain_vs_bootstrap_{language}", gain, _GAIN, n, model=name)


def _bits(found: Sequence[Loss]) -> dict[str, float]:
    return {language: bits_per_byte(ones) for language, ones in by_language(found).items()}
