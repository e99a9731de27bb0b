"""How a converted model is measured against the whole one."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.errors import ModelError
from polylsp.export import compare as comparing
from polylsp.export.compare import compare
from tests import tinies

TEXTS = {
    "python": ["def f(self):\n    return self\n" * 5, "for x in y:\n    pass\n" * 5],
    "c": ["int main(void) { return 0; }\n" * 5],
}


@pytest.fixture(autouse=True)
def one_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "_ROUNDS", 1)


def silent(_: str) -> None:
    pass


def test_a_model_agrees_with_itself(tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path)
    found = compare(folder, folder, TEXTS, 10_000, silent)
    assert found.files == 3
    assert found.top1 == 1
    assert found.bits_per_byte == found.bits_per_byte_reference
    # A random model knows nothing: about as many bits as tell one token of them all, a byte or two each.
    assert 4 < found.bits_per_byte < 12
    assert found.megabytes == pytest.approx(0.4, abs=0.1)
    assert min(found.prefill_ms, found.decode_ms, found.append_ms) > 0


def test_a_coarser_model_agrees_less(tmp_path: Path) -> None:
    whole = tinies.exported(tmp_path / "fp32")
    top1 = [
        compare(
            tinies.exported(tmp_path / weights, weights=weights), whole, TEXTS, 10_000, silent
        ).top1
        for weights in ("int8", "int4")
    ]
    assert 1 > top1[0] > top1[1] > 0.5


def test_as_many_positions_as_asked_for_from_languages_in_turn(tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path)
    lines: list[str] = []
    found = compare(folder, folder, TEXTS, 100, lines.append)
    assert found.files == 2
    assert found.positions >= 100
    assert lines[-1] == f"compared {found.positions} positions: top-1 1.0000"
    assert len(lines) <= 11


def test_the_start_of_a_file_which_is_a_licence_is_left_out(tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path)
    code = "x = 1\n" * 10

    def bits(licence: str) -> float:
        return compare(folder, folder, {"python": [licence + code]}, 1000, silent).bits_per_byte

    assert bits("# Free for all\n") == bits("# Mine, not us\n")


def test_files_too_short_to_compare_on_are_told_so(tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path)
    with pytest.raises(ModelError, match="nothing to compare on"):
        compare(folder, folder, {"c": ["", "x"]}, 100, silent)
