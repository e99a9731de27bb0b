from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.context.gate import gate
from polylsp.syntax.languages import LANGUAGES
from polylsp.syntax.parser import Trees
from polylsp.types import Cursor, Mode, Silence
from tests import golden
from tests.marks import cursor, snapshot


@pytest.mark.parametrize("case", golden.cases("gate"), ids=lambda case: case.name)
def test_the_gate_opens_where_a_suggestion_can_help(case: golden.Case) -> None:
    lines = []
    for block in case.given:
        language, _, about = block.info.partition(" ")
        place = cursor(block.text, "" if language == "text" else language)
        said = [_gate(place, explicit) for explicit in (False, True)]
        lines.append(
            "{:6}{:6} {}".format(*(one.name.replace("GATE", "gate") for one in said), about)
        )
    case.check("\n".join(lines))


@given(
    st.sampled_from(["", *(language.name for language in LANGUAGES)]),
    st.text(st.sampled_from("x {}()[]:;,\"'`#/*=\n\t") | st.characters(codec="utf-8")),
    st.integers(0, 60),
)
def test_any_place_will_do_when_asked_by_hand(language: str, text: str, at: int) -> None:
    document = snapshot(text, language)
    place = Cursor(document, min(at, len(document.text)))
    assert isinstance(_gate(place, True), Mode)
    assert _gate(place, False) in (Silence.GATE, *Mode)


@given(st.text(st.sampled_from("x {}():;\n\t")), st.integers(0, 60))
def test_blocks_may_be_switched_off(text: str, at: int) -> None:
    place = Cursor(snapshot(text), min(at, len(text)))
    assert gate(place, None, True, blocks=False) is Mode.LINE
    assert gate(place, None, False, blocks=False) in (Mode.LINE, Silence.GATE)


def test_without_a_tree_a_block_is_known_by_its_line() -> None:
    assert gate(cursor("def f():\n    █"), None, False, blocks=True) is Mode.BLOCK


@pytest.mark.parametrize(
    "behind", [" " * 100_000 + "x", "}" * 100_000 + "x", "x" * 100_000, " " * 100_000]
)
def test_long_lines_take_no_long(behind: str) -> None:
    """This would not come to an end in time if it took a square of the line's length."""
    place = cursor("f(█" + behind, "c")
    expected = Mode.LINE if behind.isspace() else Silence.GATE
    assert gate(place, None, False, blocks=True) is expected


def _gate(place: Cursor, explicit: bool) -> Mode | Silence:
    return gate(place, Trees().parse(place.snapshot), explicit, blocks=True)
