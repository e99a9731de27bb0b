"""The whole of `polylsp eval memory`: read with each model, fit or report; what was read can be kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from polylsp.bench.claims import Claim, machine
from polylsp.engine.mix import Gate
from polylsp.errors import PolyError
from polylsp.evals import cost, memory, positions
from polylsp.evals.fit import fitted
from polylsp.evals.package import packages, text_of, twins
from polylsp.evals.positions import Positions
from polylsp.evals.reading import Plan, read
from polylsp.evals.twins import shingles
from polylsp.models.registry import Model, load_model


@dataclass(frozen=True, slots=True)
class Held:
    """Files that are held out, and the packages they are from."""

    names: Sequence[str]  # Of the packages, as people know them.
    roots: Sequence[Path]
    files: Mapping[str, Sequence[Path]]  # By language.


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How to go about it."""

    plan: Plan
    keep: Path | None = None  # The folder for what was read.
    say: Callable[[str], None] = lambda _: None

    def report(
        self,
        models: Sequence[str],
        held: Held,
        development: Held | None = None,
        lines: Sequence[int] = (),
    ) -> dict[str, Any]:
        """What memory is worth to each model, and costs on indexes of so many `lines`.

        Raises ModelError and BackendError, and PolyError where `keep` cannot be written.
        """
        rows: dict[str, Any] = {}
        claims: list[Claim] = []
        for name in models:
            model = load_model(name, say=self.say)
            found = self._read(model, held)
            other = self._read(model, development) if development else None
            row = memory.worth(found, model.mixture.gate, other, self.say)
            if lines:
                typed, files = _timed(held)
                row["cost"] = cost.measure(model, files, typed, lines, say=self.say)
            rows[model.name] = row
            claims += memory.claims(model.name, row, row.get("cost"))
        return {
            "benchmark": "eval memory",
            "machine": machine(),
            "models": rows,
            "sources": list(held.names),
            **asdict(self.plan),
            "claims": [claim.row() for claim in claims],
            "summary": [str(claim) for claim in claims],
        }

    def fit(self, models: Sequence[str], held: Held) -> tuple[dict[str, Any], Gate, Model]:
        """The weights that suit all `models`, what is to be told of them, and the last of the models.

        Raises what `report` raises.
        """
        loaded, samples = None, {}
        for name in models:
            loaded = load_model(name, say=self.say)
            samples[loaded.name] = self._read(loaded, held)
        assert loaded is not None
        gate = fitted(list(samples.values()), say=self.say)
        means = {name: memory.means(one, gate) for name, one in samples.items()}
        told = {
            "models": means,
            "sources": list(held.names),
            "files": sum(map(len, held.files.values())),
            **asdict(self.plan),
        }
        return told, gate, loaded

    def _read(self, model: Model, held: Held) -> Positions:
        """What was kept of it, if it was."""
        file = self.keep / self._name(model, held) if self.keep else None
        if file and file.is_file():
            return positions.load(file)
        found = read(model, held.roots, held.files, self.plan, self.say)
        if file:
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                found.save(file)
            except OSError as error:
                raise PolyError(
                    f"{file.parent} cannot be written ({error}): choose another"
                ) from error
        return found

    def _name(self, model: Model, held: Held) -> str:
        """Another one for other files, or for more of them."""
        asked = [list(held.names), [list(map(str, one)) for one in held.files.values()]]
        told = hashlib.sha256(repr((asked, self.plan)).encode()).hexdigest()
        return f"{model.name}-{told[:12]}.npz"


def _timed(held: Held) -> tuple[Path, list[Path]]:
    """A file to type, and those to index: its own package's first, without itself and its twins."""
    typed = next(iter(held.files.values()))[0]
    own: list[Path] = []
    others: list[Path] = []
    for _, inside in packages(held.roots):
        (own if typed in inside else others).extend(inside)
    known = {file: shingles(text_of(file)) for file in own}
    copies = {typed, *twins(typed, known)}
    return typed, [file for file in own if file not in copies] + others
