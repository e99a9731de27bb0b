"""llama.cpp, with a GGUF file: any processor or graphics card that it was built for.

Its logits depend a little on how many tokens are read at once, so its tapes are not `steady`; keys and values
are kept in 16 bits, but for files whose weights are whole. It prints what it does, which nobody hears here:
what it says while it loads becomes part of the error.
"""

from __future__ import annotations

import ctypes
import logging
import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.engine.backend import CHUNK, Backend, Logits, Weights
from polylsp.errors import BackendError, ModelError

_F32, _F16 = 0, 1  # Of ggml's types; and a file of type 0 has whole weights.

_OFF = 0  # Of llama.cpp's ways to use flash attention.


class GgufWeights(Weights):
    """A loaded file."""

    def __init__(self, file: Path, n_ctx: int, threads: int) -> None:
        """Raises ModelError where llama.cpp is not installed or cannot load `file`."""
        self.lib = library()
        self.model = _Handle(_load(self.lib, file), self.lib.llama_model_free)
        self.n_ctx = n_ctx
        self.threads = threads
        vocab = self.lib.llama_model_get_vocab(self.model.pointer)
        self.n_vocab = int(self.lib.llama_vocab_n_tokens(vocab))
        self.cache_type = _F32 if self._about("general.file_type") == str(_F32) else _F16
        self.tape_bytes = self._token_bytes() * n_ctx

    def tape(self) -> GgufTape:
        return GgufTape(self)

    def _token_bytes(self) -> int:
        """What one token's keys and values take."""
        lib, model = self.lib, self.model.pointer
        family = self._about("general.architecture")
        head_dim = int(
            self._about(f"{family}.attention.key_length")
            or lib.llama_model_n_embd(model) // lib.llama_model_n_head(model)
        )
        values = 2 * lib.llama_model_n_layer(model) * lib.llama_model_n_head_kv(model) * head_dim
        return int(values) * (4 if self.cache_type == _F32 else 2)

    def _about(self, key: str) -> str:
        """What the file says of `key`; "" for nothing."""
        buffer = ctypes.create_string_buffer(256)
        self.lib.llama_model_meta_val_str(self.model.pointer, key.encode(), buffer, len(buffer))
        return buffer.value.decode(errors="replace")


class GgufTape(Backend):
    """A context of llama.cpp's, of one sequence."""

    def __init__(self, weights: GgufWeights) -> None:
        self.n_ctx = weights.n_ctx
        self.n_past = 0
        self._lib = weights.lib
        self._n_vocab = weights.n_vocab
        self._whole = True  # Whether it holds what it should: not where it could not be wound back.
        self._context = _Handle(_context(weights), self._lib.llama_free, weights.model)
        self._memory = self._lib.llama_get_memory(self._context.pointer)
        self._batch = _Batch(self._lib)

    def extend(self, token_ids: Sequence[int], last: int = 1) -> Logits:
        after = self.after(token_ids)
        if not self._whole:
            raise BackendError("llama.cpp cannot forget a part of what this model has read")
        first = len(token_ids) - last  # Whose logits are asked for.
        found = []
        for start in range(0, len(token_ids), CHUNK):
            piece = token_ids[start : start + CHUNK]
            asked = min(len(piece), max(0, start + len(piece) - first))
            found.append(self._decode(piece, self.n_past + start, asked))
        self.n_past = after
        return np.concatenate(found)

    def truncate(self, n_past: int) -> None:
        self.n_past = min(n_past, self.n_past)
        if self.n_past == 0:
            self._lib.llama_memory_clear(self._memory, False)
            self._whole = True
        elif not self._lib.llama_memory_seq_rm(self._memory, 0, self.n_past, -1):
            self._whole = False

    def _decode(self, token_ids: Sequence[int], n_past: int, asked: int) -> Logits:
        batch = self._batch.filled(token_ids, n_past, asked)
        status = self._lib.llama_decode(self._context.pointer, batch)
        if status:
            raise BackendError(f"llama.cpp failed to read {len(token_ids)} tokens ({status})")
        if not asked:
            return np.zeros((0, self._n_vocab), np.float32)
        logits = self._lib.llama_get_logits(self._context.pointer)
        # A copy: the memory is the context's, and goes with it.
        return np.ctypeslib.as_array(logits, (asked, self._n_vocab)).copy()


class _Handle:
    """What llama.cpp made, until nobody holds it any more; it keeps what it was made `of`."""

    def __init__(self, pointer: Any, free: Any, of: _Handle | None = None) -> None:
        self.pointer = pointer
        weakref.finalize(self, _release, free, pointer, of)


def _release(free: Any, pointer: Any, _: _Handle | None) -> None:
    free(pointer)


class _Batch:
    """Room for the tokens of one pass."""

    def __init__(self, lib: Any) -> None:
        self._made = lib.llama_batch_init(CHUNK, 0, 1)
        weakref.finalize(self, lib.llama_batch_free, self._made)
        self._token, self._pos, self._logits = (
            np.ctypeslib.as_array(field, (CHUNK,))
            for field in (self._made.token, self._made.pos, self._made.logits)
        )
        for index in range(CHUNK):
            self._made.n_seq_id[index] = 1
            self._made.seq_id[index][0] = 0

    def filled(self, token_ids: Sequence[int], n_past: int, asked: int) -> Any:
        """These tokens, the first of them at `n_past`; logits are wanted of the last `asked`."""
        count = len(token_ids)
        self._token[:count] = token_ids
        self._pos[:count] = np.arange(n_past, n_past + count)
        self._logits[:count] = np.arange(count) >= count - asked
        self._made.n_tokens = count
        return self._made


def library() -> Any:
    """llama.cpp's functions, which say nothing. Raises ModelError where it is not installed."""
    # Its threads wait for each other by spinning, unless told otherwise before they are loaded: where other
    # programs keep the processors busy, a pass then takes a hundred times as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelError(
            f"GGUF models need llama.cpp ({error}): pip install 'polylsp[gguf]'"
        ) from error
    # Its log goes to standard error, but for what is below this level.
    logging.getLogger("llama-cpp-python").setLevel(logging.CRITICAL + 1)
    return llama_cpp.llama_cpp


@contextmanager
def overheard(lib: Any) -> Iterator[list[str]]:
    """What llama.cpp says in the meantime, line by line."""
    import llama_cpp

    said: list[str] = []

    def hear(_: int, text: bytes, __: Any) -> None:
        said.append(text.decode(errors="replace").strip())

    callback = lib.llama_log_callback(hear)
    lib.llama_log_set(callback, ctypes.c_void_p(0))
    try:
        yield said
    finally:
        lib.llama_log_set(llama_cpp._logger.llama_log_callback, ctypes.c_void_p(0))


def _load(lib: Any, file: Path) -> Any:
    params = lib.llama_model_default_params()
    params.n_gpu_layers = 999 if lib.llama_supports_gpu_offload() else 0
    with overheard(lib) as said:
        lib.llama_backend_init()
        pointer = lib.llama_model_load_from_file(str(file).encode(), params)
    if not pointer:
        why = next((line for line in said if "error" in line), "it does not say why")
        raise ModelError(f"llama.cpp cannot load {file}: install or export the model again ({why})")
    return pointer


def _context(weights: GgufWeights) -> Any:
    lib = weights.lib
    params = lib.llama_context_default_params()
    params.n_ctx = weights.n_ctx
    params.n_batch = params.n_ubatch = params.n_outputs_max_per_seq = CHUNK
    params.n_threads = params.n_threads_batch = weights.threads
    params.type_k = params.type_v = weights.cache_type
    if not lib.llama_supports_gpu_offload():
        # On a processor, flash attention sums a prompt that is read in pieces in another order.
        params.flash_attn_type = _OFF
    pointer = lib.llama_init_from_model(weights.model.pointer, params)
    if not pointer:
        raise BackendError(f"no memory for {weights.tape_bytes >> 20} MB of tape")
    return pointer
