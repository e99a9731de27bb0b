"""Tokens, kinds, merges and the way to split text, as llama.cpp wants them said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gguf import TokenType

from polylsp.errors import ModelError
from polylsp.export import gguf_vocabulary
from tests import tinies

BYTES = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
QWEN = next(pattern for pattern, name in gguf_vocabulary._PATTERNS.items() if name == "qwen2")


def saved(folder: Path, **changes: Any) -> Path:
    file = folder / "tokenizer.json"
    parsed = json.loads(tinies.tokenizer_json()) | changes
    file.write_text(json.dumps(parsed), encoding="utf-8")
    return file


def sequence(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "pretokenizers": list(steps)}


def split(pattern: str) -> dict[str, Any]:
    plain = BYTES | {"use_regex": False}
    return sequence({"type": "Split", "pattern": {"Regex": pattern}, "invert": False}, plain)


def test_rows_that_no_token_has_are_unused_tokens(tmp_path: Path) -> None:
    size = tinies.vocab_size()
    found = gguf_vocabulary.read(saved(tmp_path), size + 2)
    assert found.tokens[-2:] == [f"[PAD{size}]", f"[PAD{size + 1}]"]
    assert found.kinds[-2:] == [TokenType.UNUSED] * 2
    assert len(set(found.tokens)) == len(found.tokens) == size + 2


def test_special_tokens_are_never_read_out_of_text(tmp_path: Path) -> None:
    found = gguf_vocabulary.read(saved(tmp_path), tinies.vocab_size())
    assert found.tokens[: len(tinies.SPECIAL)] == list(tinies.SPECIAL)
    assert found.kinds[: len(tinies.SPECIAL) + 1] == [*[TokenType.CONTROL] * 5, TokenType.NORMAL]


def test_added_tokens_that_are_text_are_of_a_kind_of_their_own(tmp_path: Path) -> None:
    added = json.loads(tinies.tokenizer_json())["added_tokens"]
    more: dict[str, Any] = {"id": tinies.vocab_size(), "content": "        ", "special": False}
    found = gguf_vocabulary.read(saved(tmp_path, added_tokens=[*added, more]), 400)
    assert found.tokens[more["id"]] == more["content"]
    assert found.kinds[more["id"]] == TokenType.USER_DEFINED


def test_merges_are_those_of_the_tokenizer_in_its_order(tmp_path: Path) -> None:
    model = json.loads(tinies.tokenizer_json())["model"]
    wanted = [f"{left} {right}" for left, right in model["merges"]]
    assert gguf_vocabulary.read(saved(tmp_path), 300).merges == wanted
    older = saved(tmp_path, model=model | {"merges": wanted})
    assert gguf_vocabulary.read(older, 300).merges == wanted


@pytest.mark.parametrize(
    ("pre_tokenizer", "name", "known"),
    [
        (BYTES, "gpt-2", True),
        (sequence(BYTES), "gpt-2", True),
        (sequence({"type": "Digits", "individual_digits": True}, BYTES), "smollm", True),
        (split(QWEN), "qwen2", True),
        (sequence({"type": "Digits", "individual_digits": False}, BYTES), "gpt-2", False),
        (BYTES | {"add_prefix_space": True}, "gpt-2", False),
        (split(r"\w+|\W"), "gpt-2", False),
        (None, "gpt-2", False),
    ],
)
def test_the_way_to_split_is_found_by_what_the_tokenizer_does(
    pre_tokenizer: Any, name: str, known: bool, tmp_path: Path
) -> None:
    found = gguf_vocabulary.read(saved(tmp_path, pre_tokenizer=pre_tokenizer), 300)
    assert (found.splitter, found.known) == (name, known)


def test_other_kinds_of_tokenizers_are_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="convert_hf_to_gguf"):
        gguf_vocabulary.read(saved(tmp_path, model={"type": "Unigram", "vocab": []}), 300)


def test_a_token_beyond_the_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="only 100 rows"):
        gguf_vocabulary.read(saved(tmp_path), 100)


def test_a_broken_tokenizer_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        gguf_vocabulary.read(tmp_path / "tokenizer.json", 300)
