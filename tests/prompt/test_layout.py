from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from polylsp.errors import ModelError
from polylsp.prompt.layout import Layout

OURS = {
    "<|endoftext|>": 0,
    "<|fim_prefix|>": 1,
    "<|fim_middle|>": 2,
    "<|fim_suffix|>": 3,
    "<|path|>": 4,
}
WHOLE = Layout(
    "<|endoftext|>", tuple(OURS), "<|path|>", "<|fim_suffix|>", "<|fim_prefix|>", use_suffix=True
)


def test_a_layout_survives_its_manifest() -> None:
    assert Layout.parse(WHOLE.manifest(), OURS) == WHOLE
    assert Layout.parse(Layout().manifest(), {}) == Layout()


def test_what_came_later_is_named_only_where_it_says_something() -> None:
    assert list(WHOLE.manifest()) == ["start", "end", "path", "suffix", "prefix", "use_suffix"]
    other = replace(WHOLE, middle="<|fim_middle|>", suffix_first=False, repository="<|path|>{}")
    assert list(other.manifest())[6:] == ["middle", "suffix_first", "repository"]
    assert Layout.parse(other.manifest(), OURS) == other
    with pytest.raises(ModelError, match=r"lacks <\|no\|>: "):
        Layout.parse({"repository": "<|no|>{}\n"}, OURS)


def test_a_manifest_may_leave_everything_out() -> None:
    assert Layout.parse({}, OURS) == Layout()
    assert Layout.parse({"start": "", "end": None, "path": None}, OURS) == Layout()


@pytest.mark.parametrize("part", ["start", "path", "suffix", "prefix", "middle", "separator"])
def test_a_token_that_the_tokenizer_lacks_is_a_model_error(part: str) -> None:
    with pytest.raises(ModelError, match=r"lacks <\|no\|>: export the model again"):
        Layout.parse({part: "<|no|>"}, OURS)
    with pytest.raises(ModelError, match=r"lacks <\|a\|>, <\|b\|>"):
        Layout.parse({"end": ["<|b|>", "<|endoftext|>", "<|a|>"]}, OURS)


@pytest.mark.parametrize(
    "manifest", [{"start": 0}, {"end": 0}, {"end": "<|endoftext|>"}, {"end": [0]}, {"path": ["x"]}]
)
def test_a_token_that_is_no_text_is_a_model_error(manifest: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="export it again"):
        Layout.parse(manifest, OURS)


def test_the_tokens_that_our_training_uses_are_recognised() -> None:
    layout = Layout.detect(OURS, "<|endoftext|>", use_suffix=True)
    assert layout == WHOLE
    assert layout.fills


def test_other_special_tokens_tell_only_where_an_answer_ends() -> None:
    layout = Layout.detect({"<s>": 1, "</s>": 2}, "</s>", use_suffix=True)
    assert layout == Layout("</s>", ("</s>", "<s>"))
    assert not layout.fills


def test_a_tokenizer_without_special_tokens_has_an_empty_layout() -> None:
    assert Layout.detect({}, None, use_suffix=True) == Layout()


def test_only_a_model_with_both_tokens_fills_in_the_middle() -> None:
    assert not Layout(suffix="<|fim_suffix|>").fills
    assert not Layout(prefix="<|fim_prefix|>").fills
