"""Whether llama.cpp makes of a GGUF file what was meant: the checkpoint's logits, and its tokens.

Where llama.cpp is not installed it says so, and that nothing was checked.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.engine.load import default_threads
from polylsp.errors import ModelError
from polylsp.export import reference
from polylsp.export.checkpoint import Checkpoint
from polylsp.prompt.tokenizer import Tokenizer

# The most that logits may be off, as a share of their spread (root mean square). A part in the wrong place
# makes it about 1; llama.cpp's GELU is an approximation in 16 bits, and its keys and values have 16 as well.
_LIMITS = {"f32": 0.02, "f16": 0.02, "q8_0": 0.15, "q4_k_m": 0.8}
_TOKENS = 24  # How many are compared: every layer of a large model is read for them.

# Indentation, tabs, other alphabets, and what splitters differ in: digits, contractions, ends of lines.
_TEXTS = (
    "def read(self, path: str) -> list[int]:\n    with open(path) as file:\n        return [1, 23, 456]\n",
    "\tif (x == NULL) {\n\t\treturn -1;  // it's done, we'll see\n\t}\n\n\n  \t \n}",
    "été = 'naïve' + \"日本語 текст 😀\"  # ½ ²\n",
    "x=1234567890+0xFF;  y  =   z\n \n\n    \n        a_b.cD[e]!=&*f;   ",
    "class A<T extends B & C> { let s = `it's ${we're}`; } // DON'T\n",
)


def check(
    file: Path, model: Checkpoint, tokenizer: Path, weights: str, say: Callable[[str], None]
) -> bool | None:
    """Say what was verified; whether llama.cpp splits text into the same tokens. None: it is not installed.

    Raises ModelError where it does not load the file, or computes something else.
    """
    from polylsp.engine.backend_gguf import GgufWeights, library

    try:
        library()
    except ModelError as error:
        say(f"{file.name} was not verified: {error}")
        return None
    ours = Tokenizer(tokenizer)
    ids = ours.encode(_TEXTS[0])[: min(_TOKENS, model.shape.context)]
    loaded = GgufWeights(file, len(ids), default_threads())
    found = loaded.tape().extend(ids, last=len(ids))
    wanted = reference.logits(model, ids)
    off = float(np.sqrt(np.mean((found - wanted) ** 2)) / wanted.std())
    same = int((found.argmax(-1) == wanted.argmax(-1)).sum())
    if not off < _LIMITS[weights]:
        raise ModelError(
            f"llama.cpp computes something else from {file.name} than the checkpoint says "
            f"(off by {off:.3f} of the logits' spread): use another target"
        )
    say(
        f"verified in llama.cpp: {len(ids)} positions, off by {off:.4f} of the logits' spread, "
        f"the likeliest token is the same at {same}"
    )
    return _same_tokens(loaded.lib, loaded.model.pointer, ours, say)


def _same_tokens(lib: Any, model: Any, ours: Tokenizer, say: Callable[[str], None]) -> bool:
    vocab = lib.llama_model_get_vocab(model)
    wrong = [text for text in _TEXTS if _encoded(lib, vocab, text) != ours.encode(text)]
    for text in wrong:
        say(f"llama.cpp has other tokens for {text!r}")
    if not wrong:
        say(f"verified in llama.cpp: the same tokens for {len(_TEXTS)} texts")
    return not wrong


def _encoded(lib: Any, vocab: Any, text: str) -> list[int]:
    """The tokens that llama.cpp itself has for `text`."""
    data = text.encode()
    room = len(data) + 8
    ids = (ctypes.c_int32 * room)()
    count = lib.llama_tokenize(vocab, data, len(data), ids, room, False, False)
    return list(ids[:count])
