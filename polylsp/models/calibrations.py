"""What was measured of how often a model is right: beside its files, or in the package's own table.

The table goes by the source's bytes, not by names: every conversion of the same bytes finds it, those made
before it was measured too. A folder's own file comes first: somebody measured that very folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polylsp.suggest.calibration import AT_ITS_WORD, Calibration

FILE = "calibration.json"
_TABLE = Path(__file__).parent / "calibrations"  # SOURCE_SHA256.json, one a source.


def find(folder: Path, about: Mapping[str, Any]) -> tuple[Calibration, str]:
    """The calibration of the model in `folder`, whose manifest is `about`; and what is wrong with it, or "".

    One that cannot be read counts as none: the model is taken at its word.
    """
    for file in (folder / FILE, _TABLE / f"{about.get('source_sha256')}.json"):
        try:
            return Calibration.parse(json.loads(file.read_text(encoding="utf-8"))), ""
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RecursionError) as error:
            return AT_ITS_WORD, (
                f"{file} cannot be used ({error}), so probabilities are as the model says them: "
                "`polylsp bench calibrate` measures them again"
            )
    return AT_ITS_WORD, ""


def write(folder: Path, calibration: Calibration, measured: Mapping[str, Any]) -> Path:
    """Keep `calibration` with the model in `folder`; `measured` tells people of it. Raises OSError."""
    file = folder / FILE
    told = {**calibration.data(), "measured": measured}
    file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return file
