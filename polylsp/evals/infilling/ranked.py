"""What a model that only reads on can make of the text behind a line: it chooses among lines by that text.

Of several lines that it says itself, the one that makes the line and what stands behind it likeliest together.
"""

from __future__ import annotations

import numpy as np

from polylsp.engine.backend import CHUNK
from polylsp.evals.polyline.speaker import Speaker
from polylsp.evals.polyline.ways import PREFIX
from polylsp.types import Cursor, Prompt

_BEHIND = 32  # Tokens of the text behind that are looked at.
_CHARACTERS = 400  # Among which they are.


def ranked(speaker: Speaker, cursor: Cursor, suffix: str) -> str:
    """The line at `cursor`, chosen with an eye on `suffix`. Raises BackendError and ModelError."""
    prompt, lines = speaker.candidates(cursor, PREFIX)
    if len(lines) < 2:
        return lines[0] if lines else ""
    return max(lines, key=lambda line: _likely(speaker, prompt, line, suffix))


def _likely(speaker: Speaker, prompt: Prompt, line: str, suffix: str) -> float:
    """The logarithm of how likely `line` and what follows it are."""
    encode, before = speaker.model.tokenizer.encode_on, prompt.token_ids
    said = encode(f"{prompt.healed}{line}\n")
    behind = encode(suffix[:_CHARACTERS])[:_BEHIND]
    tape = speaker.model.weights.tape()
    for start in range(0, len(before) - 1, CHUNK):
        tape.extend(before[start : min(start + CHUNK, len(before) - 1)])
    return float(np.sum(tape.score([before[-1], *said, *behind])))
