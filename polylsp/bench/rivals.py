"""Engines behind one small interface: ours, llama.cpp and transformers, each read on and wound back.

Every one of them keeps what it has read and takes the likeliest token; none knows what is measured. llama.cpp
and transformers run as they come, called as directly as they allow.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from polylsp.bench.builds import Build
from polylsp.engine.backend import CHUNK
from polylsp.engine.load import load
from polylsp.errors import BackendError, ModelError


class Rival(Protocol):
    """An engine with a tape of tokens."""

    n_vocab: int
    n_ctx: int

    def keep(self, n_past: int) -> None:
        """Forget all but the first `n_past` tokens."""
        ...

    def go_on(self, token_ids: Sequence[int], more: int) -> None:
        """Read `token_ids`, then the likeliest token after them, and so on for `more` tokens, one by one."""
        ...


def start(build: Build, context: int, threads: int) -> Rival:
    """Load a model. Raises ModelError."""
    if build.engine == "llama":
        return _Llama(build, context, threads)
    if build.engine == "transformers":
        return _Transformers(build, threads)
    return _Ours(build, threads)


class _Ours:
    def __init__(self, build: Build, threads: int) -> None:
        weights = load(Path(build.path), threads)
        self.n_vocab, self.n_ctx = weights.n_vocab, weights.n_ctx
        self._tape = weights.tape()
        self._tape.steady = False  # As lines are completed.

    def keep(self, n_past: int) -> None:
        self._tape.truncate(n_past)

    def go_on(self, token_ids: Sequence[int], more: int) -> None:
        for start in range(0, len(token_ids), CHUNK):  # As a session reads.
            logits = self._tape.extend(token_ids[start : start + CHUNK])
        for _ in range(more):
            logits = self._tape.extend([int(logits[-1].argmax())])


class _Llama:
    """llama.cpp's own functions, with as many tokens a pass as it likes to read."""

    def __init__(self, build: Build, context: int, threads: int) -> None:
        try:
            from llama_cpp import llama_cpp as lib
        except (ImportError, OSError, RuntimeError) as error:
            raise ModelError(
                f"llama.cpp is missing ({error}): pip install 'polylsp[gguf]'"
            ) from error
        self._lib: Any = lib
        lib.llama_backend_init()
        params: Any = lib.llama_model_default_params()
        params.n_gpu_layers = 0
        self._model = lib.llama_model_load_from_file(build.path.encode(), params)
        if not self._model:
            raise ModelError(f"llama.cpp cannot load {build.path}")
        self.n_vocab = int(lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(self._model)))
        self.n_ctx = context
        settings: Any = lib.llama_context_default_params()
        settings.n_ctx = settings.n_batch = context
        settings.n_threads = settings.n_threads_batch = threads
        settings.flash_attn_type = int(build.option == "flash")
        self._context = lib.llama_init_from_model(self._model, settings)
        if not self._context:
            raise ModelError(f"llama.cpp has no memory for a context of {context}")
        self._memory = lib.llama_get_memory(self._context)

    def keep(self, n_past: int) -> None:
        self._lib.llama_memory_seq_rm(self._memory, 0, n_past, -1)

    def go_on(self, token_ids: Sequence[int], more: int) -> None:
        self._read(token_ids)
        for _ in range(more):
            self._read([self._likeliest()])
        self._likeliest()  # The last pass counts when its logits are there.

    def _read(self, token_ids: Sequence[int]) -> None:
        tokens = (self._lib.llama_token * len(token_ids))(*token_ids)
        batch = self._lib.llama_batch_get_one(tokens, len(token_ids))
        if self._lib.llama_decode(self._context, batch):
            raise BackendError(f"llama.cpp failed to read {len(token_ids)} tokens")

    def _likeliest(self) -> int:
        logits = self._lib.llama_get_logits_ith(self._context, ctypes.c_int32(-1))
        return int(np.ctypeslib.as_array(logits, (self.n_vocab,)).argmax())


class _Transformers:
    """`generate`, with a cache that is kept and cropped."""

    def __init__(self, build: Build, threads: int) -> None:
        try:
            import torch
            from transformers import AutoModelForCausalLM
            from transformers.utils import logging
        except ImportError as error:
            raise ModelError(
                f"transformers is missing ({error}): pip install 'polylsp[optimum]'"
            ) from error
        self._torch: Any = torch
        logging.set_verbosity_error()
        torch.set_num_threads(threads)
        path, dtype = Path(build.path), getattr(torch, build.option)
        file = {"gguf_file": path.name} if path.is_file() else {}
        folder = path.parent if file else path
        self._model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, **file)
        # It goes on for as long as it is told to.
        self._model.generation_config.eos_token_id = None
        self._model.generation_config.pad_token_id = 0
        config = self._model.config
        self.n_vocab, self.n_ctx = config.vocab_size, config.max_position_embeddings
        self._ids: list[int] = []
        self._cache: Any = None
        self.keep(0)

    def keep(self, n_past: int) -> None:
        from transformers import DynamicCache

        if n_past:
            self._cache.crop(n_past)
        else:
            self._cache = DynamicCache()
        del self._ids[n_past:]

    def go_on(self, token_ids: Sequence[int], more: int) -> None:
        ids = self._torch.tensor([[*self._ids, *token_ids]])
        with self._torch.inference_mode():
            made = self._model.generate(
                ids,
                attention_mask=self._torch.ones_like(ids),
                past_key_values=self._cache,
                max_new_tokens=more + 1,
                do_sample=False,
            )
        self._ids = made[0, :-1].tolist()  # The last token was chosen, and not read.
