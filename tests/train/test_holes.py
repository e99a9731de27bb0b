"""Where a hole is, and how far it goes."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from polylsp.train.holes import hole

TEXT = """\
def area(width, height):
    if width < 0:
        raise ValueError(width)
    return width * height


def main():
    print(area(2, 3))
"""


def _holes(text: str, count: int = 400) -> list[tuple[int, int]]:
    found = (hole(text, 0, len(text), Random(seed)) for seed in range(count))
    return [one for one in found if one is not None]


def test_a_hole_starts_where_one_types_and_ends_behind_that() -> None:
    for at, end in _holes(TEXT):
        assert 0 <= at <= end <= len(TEXT)
        line = TEXT[TEXT.rfind("\n", 0, at) + 1 : at]
        assert TEXT[at] != "\n", "a place in a line, or before it"
        assert not line or line.strip() or TEXT[at] != " ", "never within an indentation"


def test_the_rest_of_a_line_a_few_lines_and_a_block_are_all_left_out() -> None:
    missing = {TEXT[at:end] for at, end in _holes(TEXT)}
    assert "raise ValueError(width)" in missing
    assert any(one.count("\n") == 1 for one in missing)
    block = "if width < 0:\n        raise ValueError(width)"
    assert block in missing, "a block with the line that opens it, and no more"


def test_a_bracket_that_was_closed_already_is_behind_the_hole() -> None:
    assert any(TEXT[at:end] == "raise ValueError(width" for at, end in _holes(TEXT))


@given(st.text(alphabet="ab {}()\n\t;", max_size=60), st.integers(0, 99))
def test_any_text_has_a_hole_within_itself_or_none(text: str, seed: int) -> None:
    found = hole(text, 0, len(text), Random(seed))
    if found is None:
        return
    at, end = found
    assert 0 <= at <= end <= len(text)
    assert text.strip()
