"""Engines behind one small interface: ours, llama.cpp and transformers, each read on and wound back.

Every one of them keeps what it has read and takes the likeliest token; none knows what is measured. llama.cpp
and transformers run as they come, called as directly as they allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from polylsp.bench.builds import Build
from polylsp.bench.llama import Llama
from polylsp.engine.backend import CHUNK
from polylsp.engine.load import load
from polylsp.errors import ModelError


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
        return Llama(build.path, context, threads, flash=build.option == "flash")
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
