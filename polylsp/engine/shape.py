"""What a decoder-only model is built of: the table of parts that every backend of ours computes from.

Weights go with it under names of our own: embed, head, norm; and for each layer, as in "3.qkv.weight", norm1,
qkv, out, norm2, gate, up, down, each with .weight and perhaps .bias. Matrices are [out, in]; qkv holds all of
Q, then K, then V.
"""

from __future__ import annotations

from dataclasses import dataclass


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
    # Constants that some families multiply by (Granite); 1 changes nothing.
    embedding_scale: float = 1.0  # Of the embedding's rows.
    attention_scale: float = 0.0  # Of q · k; 0 for 1 / √head_dim.
    residual_scale: float = 1.0  # Of what each half of a layer adds.
    logits_scale: float = 1.0  # Of the logits.
