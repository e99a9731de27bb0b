"""What people read of the server's figures."""

from __future__ import annotations

from typing import Any

import pytest

from polylsp.demo import words
from polylsp.demo.session import Answer


@pytest.mark.parametrize(
    ("hit", "milliseconds", "said"),
    [
        (False, 12.3, "12 ms, read 1 token, said 7"),
        (True, 1.2, "1 ms, from cache"),
        (True, 80, "80 ms, begun ahead"),
    ],
)
def test_an_answer_tells_what_it_took(hit: bool, milliseconds: float, said: str) -> None:
    last = {"hit": hit, "promptTokens": 100, "reusedTokens": 99, "generatedTokens": 7}
    assert words.speed(Answer(None, milliseconds, {}), {"last": last}) == said


@pytest.mark.parametrize(
    ("share", "origin", "said"),
    [
        (0.0, "", "nothing from memory"),
        (0.254, "src/a.go:12", "25% from memory of src/a.go:12"),
        (0.5, "", "50% from memory"),
    ],
)
def test_memory_tells_its_share_and_where_that_stands(share: float, origin: str, said: str) -> None:
    assert words.origin({"share": share, "origin": origin}) == said


def test_before_there_is_a_model_the_state_stands_for_the_counters() -> None:
    loading: dict[str, Any] = {"state": "loading"}
    assert words.counters(loading) == "loading"
    assert words.speed(None, loading) == ""
