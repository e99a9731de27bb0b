"""The same weights say the same in torch, in ONNX Runtime and in transformers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from polylsp.engine.backend import Weights
from polylsp.engine.generate import Limits, generate
from polylsp.engine.load import load
from polylsp.engine.session import Session
from tests import tinies

pytestmark = pytest.mark.heavy

IDS = np.random.default_rng(3).integers(5, 250, 48).tolist()


def answer(weights: Weights) -> list[int]:
    return list(generate(Session(weights.tape()), IDS[:8], Limits(30)).token_ids)


@pytest.mark.parametrize("tiny", tinies.TINIES, ids=lambda tiny: tiny.name)
def test_greedy_answers_are_equal_on_torch_on_onnx_and_in_transformers(
    tiny: tinies.Tiny, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    ours = load(tinies.exported(tmp_path / "torch", tiny, target="torch"), threads=1)
    onnx = load(tinies.exported(tmp_path / "onnx", tiny), threads=1)
    source = tmp_path / "torch" / "source"
    model = AutoModelForCausalLM.from_pretrained(source, dtype="float32").eval()
    with torch.inference_mode():
        wanted = model(torch.tensor([IDS])).logits[0].numpy()
        found = ours.tape().extend(IDS, last=len(IDS))
        assert np.abs(found - wanted).max() < 1e-4
        theirs = model.generate(
            torch.tensor([IDS[:8]]),
            attention_mask=torch.ones(1, 8, dtype=torch.int64),
            max_new_tokens=30,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )[0, 8:].tolist()
    told = answer(ours)
    assert len(told) >= 10  # Loops end ours earlier.
    assert told == answer(onnx) == theirs[: len(told)]
