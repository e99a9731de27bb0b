"""How far a model and the user's own code are to be trusted when mixed: fitted, and kept like calibrations.

Beside the model's files, or in the package's table by the source's bytes; for a model that nobody measured the
weights that were fitted for all that were.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polylsp.engine.mix import Gate
from polylsp.suggest.calibration import AT_ITS_WORD, Calibration

FILE = "mixture.json"
TABLE = Path(__file__).parent / "mixtures"  # SOURCE_SHA256.json, one a source.
_ANY = TABLE / "any.json"


def _any() -> Gate:
    return Gate.parse(json.loads(_ANY.read_text(encoding="utf-8"))["weights"])


@dataclass(frozen=True, slots=True)
class Mixture:
    """The weights, and how often what comes out of the mixture is right when it says so."""

    gate: Gate = field(default_factory=_any)
    calibration: Calibration = AT_ITS_WORD


def find(folder: Path, about: Mapping[str, Any]) -> tuple[Mixture, str]:
    """The mixture for the model in `folder`, whose manifest is `about`; and what is wrong with it, or ""."""
    for file in (folder / FILE, TABLE / f"{about.get('source_sha256')}.json"):
        try:
            return parse(json.loads(file.read_text(encoding="utf-8"))), ""
        except FileNotFoundError:
            continue
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            return Mixture(), (
                f"{file} cannot be used ({error}), so the weights are those of any model: "
                "`polylsp eval memory --fit --write`, then `polylsp bench calibrate --memory --write` measure "
                "them again"
            )
    return Mixture(), ""


def parse(data: Any) -> Mixture:
    """What `data` was written from. Raises ValueError, KeyError and TypeError."""
    return Mixture(Gate.parse(data["weights"]), Calibration.parse(data["calibration"]))


def write(folder: Path, mixture: Mixture, measured: Mapping[str, Any]) -> Path:
    """Keep `mixture` with the model in `folder`; `measured` tells people of it. Raises OSError."""
    file = folder / FILE
    told = {
        "weights": mixture.gate.data(),
        "calibration": dict(mixture.calibration.data()),
        "measured": measured,
    }
    file.write_text(json.dumps(told) + "\n", encoding="utf-8")
    return file
