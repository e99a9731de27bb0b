"""PolyCoder's windows, and its perplexity computed by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from polylsp.evals.perplexity.losses import Loss, row
from polylsp.evals.perplexity.windows import nats, windows
from polylsp.evals.perplexity.words import count
from tests.fakes import ScriptedWeights, scripted_model


def test_windows_stand_beside_each_other_but_for_the_last_one() -> None:
    assert list(windows(10, 4)) == [(-1, 0, 4), (3, 4, 8), (5, 8, 10)]
    assert list(windows(4, 4)) == [(-1, 0, 4)]
    assert list(windows(2, 4)) == [(-1, 0, 2)]


@pytest.mark.parametrize(("size", "tokens"), [(1, 5), (3, 3), (3, 11), (8, 30)])
def test_every_token_counts_once_and_no_window_is_longer(size: int, tokens: int) -> None:
    seen: list[int] = []
    for start, first, end in windows(tokens, size):
        assert end - max(start, -1) - 1 <= size
        seen += range(first, end)
    assert seen == list(range(tokens))


def test_the_loss_is_that_of_the_windows_added_up(tmp_path: Path) -> None:
    """The model finds 5 likely behind anything, with 0.5; each other of 9 tokens has 0.0625."""
    weights = ScriptedWeights(lambda _: 5, n_vocab=9, sure=0.5)
    model = scripted_model(tmp_path, weights)
    ids = [5, 1, 5, 2, 5, 5, 1]
    expected = 4 * math.log(2) + 3 * math.log(16)
    assert nats(model, ids, size=3) == pytest.approx(expected, rel=1e-5)
    # An end of text and two tokens; then what ends before a window's last token, which need not be read.
    assert weights.tapes[-1].token_ids == []
    assert weights.sizes == [3, 3, 3]


def test_the_perplexity_is_by_pygments_token_and_bits_are_by_byte() -> None:
    pytest.importorskip("pygments")
    text = "x = 1\n"  # A name, white space, a sign, white space, a number, a line end.
    assert count("python", text) == 6
    assert count("c", "int x;\n") == 5
    assert count("cpp", "int x;\n") == count("csharp", "int x;\n") == 5
    loss = Loss("0", "python", "p", "x.py", len(text), 6, 4, 12 * math.log(2))
    found = row([loss, loss])
    assert found["bits_per_byte"] == 2.0
    assert found["word_perplexity"] == 4.0
    assert found["bytes_per_token"] == 1.5
