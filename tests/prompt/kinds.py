"""Tokenizers of every kind that models come with: the embedded one, and tiny ones trained on the spot.

They differ in where they split text before merging, which is all that pieces and healing depend on.
"""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

import polylsp
from polylsp.prompt.families import FAMILIES
from polylsp.prompt.layout import Layout
from polylsp.prompt.tokenizer import Tokenizer

EMBEDDED = Path(polylsp.__file__).parent / "models" / "embedded"
SPECIAL = ["<|endoftext|>", "<|path|>", "<|fim_suffix|>", "<|fim_prefix|>"]
_SAMPLES = Path(__file__).parents[1] / "samples"
# Spaces and line ends go with the punctuation before them; digits come in threes.
_CLINGING = (
    r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_SPLITS = {
    "gpt2": pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    "gpt2 with a space before all": pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=True),
    "line ends cling": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(tokenizers.Regex(_CLINGING), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    ),
    "digits alone": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    ),
    "unsplit": pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
}
# The bytes of these ids are the bytes of the text, always.
EXACT = ("embedded", "gpt2", "line ends cling", "digits alone", "unsplit")
KINDS = (*EXACT, "gpt2 with a space before all", "sentencepiece")


@cache
def kind(name: str) -> Tokenizer:
    if name == "embedded":
        return Tokenizer(EMBEDDED / "tokenizer.json")
    return loaded(_sentencepiece() if name == "sentencepiece" else _byte_level(name))


def loaded(made: tokenizers.Tokenizer) -> Tokenizer:
    """`made` as it would come with a model: bytes to fall back on are plain tokens there."""
    parsed = json.loads(made.to_str())
    parsed["added_tokens"] = [
        token for token in parsed["added_tokens"] if not token["content"].startswith("<0x")
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tokenizer.json"
        file.write_text(json.dumps(parsed), encoding="utf-8")
        return Tokenizer(file)


def _byte_level(name: str) -> tokenizers.Tokenizer:
    made = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = _SPLITS[name]
    made.decoder = decoders.ByteLevel()
    return _trained(made, pre_tokenizers.ByteLevel.alphabet())


def _sentencepiece() -> tokenizers.Tokenizer:
    made = tokenizers.Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    made.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    made.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    fallbacks = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256))]
    return _trained(made, [], fallbacks)


def _trained(
    made: tokenizers.Tokenizer, alphabet: list[str], first: list[str] | None = None
) -> tokenizers.Tokenizer:
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=[*SPECIAL, *(first or [])],
        initial_alphabet=alphabet,
        max_token_length=12,
        show_progress=False,
    )
    texts = [file.read_text(encoding="utf-8")[:2_500] for file in sorted(_SAMPLES.iterdir())]
    made.train_from_iterator(texts, trainer)
    return made


@cache
def of_family(name: str) -> tuple[Tokenizer, Layout]:
    """A tokenizer with a family's tokens, half of them not said to be special; and the layout they tell of."""
    family = FAMILIES[name]
    texts = (value.partition("{}")[0] for value in family.values() if isinstance(value, str))
    parsed = json.loads((EMBEDDED / "tokenizer.json").read_text(encoding="utf-8"))
    added = [token for token in parsed["added_tokens"] if token["content"] == SPECIAL[0]]
    first = 1 + max(parsed["model"]["vocab"].values())
    for at, text in enumerate(sorted({*texts} - {SPECIAL[0]})):
        added.append({**added[0], "id": first + at, "content": text, "special": at % 2 == 0})
    parsed["added_tokens"] = added
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tokenizer.json"
        file.write_text(json.dumps(parsed), encoding="utf-8")
        tokenizer = Tokenizer(file)
    return tokenizer, Layout.detect(tokenizer.special, SPECIAL[0], use_suffix=False)
