"""llama.cpp's own functions, called as directly as they allow: a tape, and what a server needs beside it."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from polylsp.errors import BackendError, ModelError


class Llama:
    """A loaded file and one context, with as many tokens a pass as it likes to read."""

    def __init__(self, path: str, context: int, threads: int, *, flash: bool = False) -> None:
        """Raises ModelError where llama.cpp is not installed or cannot load the file."""
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
        self._model = lib.llama_model_load_from_file(path.encode(), params)
        if not self._model:
            raise ModelError(f"llama.cpp cannot load {path}")
        self._vocab: Any = lib.llama_model_get_vocab(self._model)
        self.n_vocab = int(lib.llama_vocab_n_tokens(self._vocab))
        self.n_ctx = context
        settings: Any = lib.llama_context_default_params()
        settings.n_ctx = settings.n_batch = context
        settings.n_threads = settings.n_threads_batch = threads
        settings.flash_attn_type = int(flash)
        self._context = lib.llama_init_from_model(self._model, settings)
        if not self._context:
            raise ModelError(f"llama.cpp has no memory for a context of {context}")
        self._memory = lib.llama_get_memory(self._context)

    def keep(self, n_past: int) -> None:
        """Forget all but the first `n_past` tokens."""
        self._lib.llama_memory_seq_rm(self._memory, 0, n_past, -1)

    def move(self, start: int, end: int, to: int) -> None:
        """Have the tokens from `start` to `end` at `to`, before them, in place of what is there."""
        self._lib.llama_memory_seq_rm(self._memory, 0, to, start)
        self._lib.llama_memory_seq_add(self._memory, 0, start, end, to - start)

    def go_on(self, token_ids: Sequence[int], more: int) -> None:
        """Read `token_ids`, then the likeliest token after them, and so on for `more` tokens, one by one."""
        self.read(token_ids)
        for _ in range(more):
            self.read([self._likeliest()])
        self._likeliest()  # The last pass counts when its logits are there.

    def read(self, token_ids: Sequence[int]) -> None:
        tokens = (self._lib.llama_token * len(token_ids))(*token_ids)
        batch = self._lib.llama_batch_get_one(tokens, len(token_ids))
        if self._lib.llama_decode(self._context, batch):
            raise BackendError(f"llama.cpp failed to read {len(token_ids)} tokens")

    def sampler(self, *, infill: bool) -> Any:
        """llama.cpp's chain of samplers: the likeliest token; or first those that it has for filling in.

        They end an answer that is not sure of itself: where the end of the text is likely enough, or no token is
        likely to one in five.
        """
        lib = self._lib
        chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        if infill:
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_top_k(40))
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_top_p(0.9, 0))
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_infill(self._vocab))
        lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_greedy())
        return chain

    def sample(self, sampler: Any) -> int:
        """The token that follows what was read last."""
        return int(self._lib.llama_sampler_sample(sampler, self._context, -1))

    def ends(self, token_id: int) -> bool:
        """Whether a token ends every text."""
        return bool(self._lib.llama_vocab_is_eog(self._vocab, token_id))

    def end_id(self) -> int:
        return int(self._lib.llama_vocab_eos(self._vocab))

    def special(self) -> dict[str, int]:
        """The tokens that are no text."""
        lib, vocab = self._lib, self._vocab
        ids = (one for one in range(self.n_vocab) if lib.llama_vocab_is_control(vocab, one))
        return {lib.llama_vocab_get_text(vocab, one).decode(errors="replace"): one for one in ids}

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text by llama.cpp's own tokenizer; special ones are mere text in it."""
        spelt = text.encode()
        room = len(spelt) + 2
        found = (self._lib.llama_token * room)()
        count = self._lib.llama_tokenize(self._vocab, spelt, len(spelt), found, room, False, False)
        if count < 0:
            raise BackendError(f"llama.cpp cannot split {len(spelt)} bytes of text")
        return list(found[:count])

    def piece(self, token_id: int, room: int = 64) -> bytes:
        """What a token spells; nothing for special ones."""
        buffer = ctypes.create_string_buffer(room)
        count = self._lib.llama_token_to_piece(self._vocab, token_id, buffer, room, 0, False)
        return buffer.raw[:count] if count >= 0 else self.piece(token_id, -count)

    def _likeliest(self) -> int:
        logits = self._lib.llama_get_logits_ith(self._context, ctypes.c_int32(-1))
        return int(np.ctypeslib.as_array(logits, (self.n_vocab,)).argmax())
