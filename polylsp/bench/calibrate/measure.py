"""Let a model speak at every place of stretches of real files, and report how far it is to be believed.

Alone, or with what the rest of each file's package remembers mixed in: then other probabilities come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from polylsp.bench.calibrate.judge import judge
from polylsp.bench.calibrate.stretches import FLOOR, Stretch, read
from polylsp.bench.claims import Claim, machine
from polylsp.completer import Completer
from polylsp.config import parse
from polylsp.evals.package import Package, packages
from polylsp.models.registry import Model, load_model
from polylsp.suggest.calibration import Calibration, Curve

_MOST_OFF = 0.05
_OPENED = 2  # Other files that are open, for half of those that are typed.


@dataclass(frozen=True, slots=True)
class Measured:
    """The report, and what it says the calibration should be."""

    report: dict[str, Any]
    calibration: Calibration
    model: Model


def measure(
    files: Mapping[str, Sequence[Path]],
    model: str = "embedded",
    *,
    roots: Sequence[Path] = (),
    characters: int = 500,
    say: Callable[[str], None] = lambda _: None,
) -> Measured:
    """The report on `characters` of each file. Raises ModelError and BackendError.

    With `roots`, the packages of the files, it is on model and memory together. Its claim is about the calibration
    that they have: what users are told.
    """
    remembers = bool(roots)
    # Time plays no part: a slow machine gets the answers that a fast one gets.
    settings = {
        "model": model,
        "engine": {"budget": 60_000},
        "memory": {"enabled": remembers},
    }
    config, _ = parse(settings)
    loaded = load_model(model, config.engine)
    own = loaded.mixture.calibration if remembers else loaded.calibration
    completer = Completer(outspoken(loaded), config)
    stretches = list(_stretches(completer, files, roots, characters, say))
    found, calibration = judge(stretches, own, memory=remembers)
    claimed = found["shown"]["own"]["balanced"]
    claim = Claim(
        "memory_calibration_error" if remembers else "calibration_error",
        claimed["error"],
        _MOST_OFF,
        claimed["shown"],
        more_is_better=False,
        model=loaded.name,
    )
    report = {
        "benchmark": "calibrate",
        "machine": machine(),
        "model": loaded.name,
        "memory": remembers,
        "files": len(stretches),
        "characters": sum(len(one.places) for one in stretches),
        **found,
        "calibration": dict(calibration.data()),
        "claims": [claim.row()],
        "summary": [str(claim)],
    }
    return Measured(report, calibration, loaded)


def outspoken(model: Model, floor: float = FLOOR) -> Model:
    """The line as it is, but that it stops only where nobody would show anything: under that raw probability."""
    low = Curve(((floor, 1.0),))
    calibration = Calibration(low, low)
    mixture = replace(model.mixture, calibration=calibration)
    return replace(model, calibration=calibration, mixture=mixture)


def _stretches(
    completer: Completer,
    files: Mapping[str, Sequence[Path]],
    roots: Sequence[Path],
    characters: int,
    say: Callable[[str], None],
) -> Iterator[Stretch]:
    left = {
        file: (language, index)
        for language, chosen in files.items()
        for index, file in enumerate(chosen)
    }
    tokenizer = completer.model.tokenizer
    for root, paths in packages(roots):
        inside = [file for file in paths if file in left]
        package = Package(root, paths, tokenizer) if inside else None
        for file in inside:
            if package and file in package.tokens:
                language, index = left.pop(file)
                say(f"{len(left) + 1} files left: {language} {file.name}")
                around = package.around(file, _OPENED * (index % 4 < 2))
                yield read(completer, file, characters, index % 2 == 1, around.sources)
    for file, (language, index) in left.items():
        say(f"{language}: {index + 1} of {len(files[language])}")
        yield read(completer, file, characters, hole=index % 2 == 1)
