"""Let a model speak at every place of stretches of real files, and report how far it is to be believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from polylsp.bench.calibrate.judge import judge
from polylsp.bench.calibrate.stretches import FLOOR, read
from polylsp.bench.claims import Claim, machine
from polylsp.completer import Completer
from polylsp.config import parse
from polylsp.models.registry import load_model
from polylsp.suggest.calibration import Calibration, Curve

_MOST_OFF = 0.05


@dataclass(frozen=True, slots=True)
class Measured:
    """The report, and what it says the calibration should be."""

    report: dict[str, Any]
    calibration: Calibration
    folder: Path  # Of the model.


def measure(
    files: Mapping[str, Sequence[Path]],
    model: str = "embedded",
    *,
    characters: int = 500,
    say: Callable[[str], None] = lambda _: None,
) -> Measured:
    """The report on `characters` of each file. Raises ModelError and BackendError.

    Its claim is about the calibration that the model has: what its users are told.
    """
    # Time plays no part: a slow machine gets the answers that a fast one gets.
    config, _ = parse({"model": model, "engine": {"budget": 60_000}})
    loaded = load_model(model, config.engine)
    # The line as it is, but that it stops only where nobody would show anything.
    low = Curve(((FLOOR, 1.0),))
    completer = Completer(replace(loaded, calibration=Calibration(low, low)), config)
    stretches = []
    for language, chosen in files.items():
        for index, file in enumerate(chosen):
            say(f"{language}: {index + 1} of {len(chosen)}")
            stretches.append(read(completer, file, characters, hole=index % 2 == 1))
    found, calibration = judge(stretches, loaded.calibration)
    claimed = found["shown"]["own"]["balanced"]
    claim = Claim(
        "calibration_error",
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
        "files": len(stretches),
        "characters": sum(len(one.places) for one in stretches),
        **found,
        "calibration": dict(calibration.data()),
        "claims": [claim.row()],
        "summary": [str(claim)],
    }
    return Measured(report, calibration, loaded.folder)
