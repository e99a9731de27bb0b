"""What a decoder-only model is built of: the table of parts that every backend of ours computes from.

Weights go with it under names of our own: embed, head, norm; and for each layer, as in "3.qkv.weight", norm1,
qkv, out, norm2, gate, up, down, each with .weight and perhaps .bias. Matrices are [out, in]; qkv holds all of
Q, then K, then V.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes, and which part is of which kind."""

    family: str  # Hugging Face's model_type.
    vocab: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    context: int
    rotary: int  # How many dimensions of each head are rotated.
    rotary_base: float
    rms_norm: bool  # Else LayerNorm.
    norm_epsilon: float
    activation: str  # Hugging Face's name of it.
    gated: bool  # down(act(gate(x)) · up(x)); else down(act(up(x))).
    parallel_residual: bool
    tied: bool  # The head is the embedding.
    window: int = 0  # How far back attention reaches, in tokens; 0: to the start.
    # Positions stretched beyond the trained ones: rotary frequencies are divided by `stretch`. With `trained`
    # (Llama 3) only the slow ones are: those that turned less than `stretch_low` times over so many tokens;
    # fast ones, of more than `stretch_high` turns, are left alone.
    stretch: float = 1.0
    stretch_low: float = 1.0
    stretch_high: float = 4.0
    trained: int = 0
    # Constants that some families multiply by (Granite); 1 changes nothing.
    embedding_scale: float = 1.0  # Of the embedding's rows.
    attention_scale: float = 0.0  # Of q · k; 0 for 1 / √head_dim.
    residual_scale: float = 1.0  # Of what each half of a layer adds.
    logits_scale: float = 1.0  # Of the logits.

    def angles(self, positions: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Rotary angles of the first `positions` tokens, [positions, rotary / 2] (Su et al. 2021)."""
        steps = np.arange(0, self.rotary, 2, dtype=np.float32) / self.rotary
        fast = np.float32(self.rotary_base) ** -steps
        turns = fast * self.trained / (2 * math.pi)
        share = np.clip((turns - self.stretch_low) / (self.stretch_high - self.stretch_low), 0, 1)
        frequencies = share * fast + (1 - share) * fast / self.stretch
        return np.outer(np.arange(positions, dtype=np.float32), frequencies).astype(np.float32)
