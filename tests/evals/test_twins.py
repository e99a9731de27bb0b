"""What counts as a near twin."""

from __future__ import annotations

from polylsp.evals.twins import alike, shingles
from tests.evals.conftest import SAMPLE

TEXT = SAMPLE.read_text(encoding="utf-8")


def test_a_copy_with_other_spacing_is_a_twin() -> None:
    assert alike(shingles(TEXT), shingles(TEXT.replace("    ", "\t") + "\n\n"))


def test_half_of_a_file_is_its_twin_and_less_is_not() -> None:
    lines = TEXT.splitlines(keepends=True)

    def part(share: float) -> str:
        return "".join(lines[: int(share * len(lines))])

    assert alike(shingles(part(0.7)), shingles(TEXT))
    assert not alike(shingles(TEXT), shingles(part(0.3)))


def test_files_too_short_to_tell_are_nobodys_twins() -> None:
    assert not alike(shingles("a = b"), shingles("a = b"))
    assert alike(shingles("a = b + c"), shingles("a = b + c"))
    assert not alike(shingles(""), shingles(TEXT))
