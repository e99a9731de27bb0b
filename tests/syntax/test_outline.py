from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.syntax.languages import LANGUAGES
from polylsp.syntax.outline import Definition, Outline, definitions, outline
from polylsp.syntax.parser import Tree, Trees
from polylsp.types import Span
from tests import golden
from tests.marks import cursor, snapshot

CASES = golden.cases("outline")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_outline_of_real_code(case: golden.Case) -> None:
    [block] = case.given
    place = cursor(block.text, block.language)
    tree = _tree(place.snapshot.text, block.language)
    text = place.snapshot.text
    around = outline(tree, place.offset)
    lines = ["import  " + _flat(span.of(text)) for span in around.imports]
    lines += [f"scope   {one.kind:9} {_flat(one.header.of(text))}" for one in around.scopes]
    lines += [f"sibling {one.kind:9} {_flat(one.signature.of(text))}" for one in around.siblings]
    lines += [f"farther {one.kind:9} {_flat(one.signature.of(text))}" for one in around.relatives]
    lines += [f"offers  {one.kind:9} {_flat(one.signature.of(text))}" for one in definitions(tree)]
    case.check("\n".join(lines))


def test_there_is_a_case_for_every_language() -> None:
    assert {case.given[0].language for case in CASES} == {language.name for language in LANGUAGES}


@given(st.data())
def test_whatever_stands_there_spans_are_whole_lines_in_file_order(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(CASES))
    text = case.given[0].text.replace("█", "")
    cut = data.draw(st.integers(0, len(text)))
    text = (
        text[:cut] + data.draw(st.sampled_from(["", "{", "(", '"', "/*", "\n"])) + text[cut + 9 :]
    )
    offset = data.draw(st.integers(0, len(text)))
    around = outline(_tree(text, case.given[0].language), offset)
    shown = [*around.imports, *(one.header for one in around.scopes)]
    shown += [one.whole for one in (*around.siblings, *around.relatives)]
    for span in shown:
        assert span.start == 0 or text[span.start - 1] == "\n"
        assert span.end == len(text) or text[span.end - 1] == "\n"
    for group in (around.siblings, around.relatives):
        starts = [one.whole.start for one in group]
        assert starts == sorted(starts)
    for one in (*around.scopes, *around.siblings, *around.relatives):
        assert one.whole.start <= one.signature.end <= one.whole.end
        assert one.header.start == one.whole.start
    for outer, inner in zip(around.scopes, around.scopes[1:], strict=False):
        assert outer.whole.start <= inner.whole.start
        assert inner.body.end <= outer.body.end


def _python(functions: int) -> str:
    body = "".join(f"def f{index}():\n    return {index}\n\n\n" for index in range(functions))
    return "import os\n\n\n" + body


def test_a_long_file_is_looked_at_around_the_offset_and_at_its_head_only() -> None:
    text = _python(5_000)
    tree = _tree(text, "python")
    offset = text.index("def f2500()") + 15
    around = outline(tree, offset)
    assert [span.of(text) for span in around.imports] == ["import os\n"]
    assert [_name(one, text) for one in around.scopes] == ["f2500"]
    names = [_name(one, text) for one in around.siblings]
    assert {"f2499", "f2501"} <= set(names)
    assert len(names) < 2_500


def test_what_is_looked_at_stays_while_typing() -> None:
    text = _python(2_000)
    offset = text.index("return 1000")
    before = outline(_tree(text, "python"), offset)
    after = [
        outline(_tree(text[:offset] + "x" * typed + text[offset:], "python"), offset + typed)
        for typed in range(1, 12)
    ]
    assert len({len(around.siblings) for around in (before, *after)}) <= 2


@pytest.mark.parametrize("language", ["javascript", "c"])
def test_what_stands_on_a_very_long_line_is_passed_over(language: str) -> None:
    line = {
        "javascript": "function f(a){return a}" * 2_000,
        "c": "int f(void) { return 1; } " * 2_000,
    }[language]
    text = "\n" + line + "\n"
    around = outline(_tree(text, language), len(text) // 2)
    assert around == Outline((), (), (), ())


def test_what_stands_beside_a_very_long_line_is_found() -> None:
    text = "def f():\n    return 1\n\n\nX = '" + "x" * 5_000 + "'\n\n\ndef g():\n    return 2\n"
    around = outline(_tree(text, "python"), len(text))
    assert [_name(one, text) for one in around.siblings] == ["f", "g"]


@pytest.mark.parametrize("language", [language.name for language in LANGUAGES])
def test_an_empty_file_has_an_empty_outline(language: str) -> None:
    tree = _tree("", language)
    assert outline(tree, 0) == Outline((), (), (), ())
    assert definitions(tree) == ()


def test_moving_an_outline_moves_all_of_it() -> None:
    text = "import a\nclass B:\n    def c(self):\n        pass\n    def d(self):\n        pass\n"
    around = outline(_tree(text, "python"), text.index("pass"))
    moved = around.moved(lambda span: Span(span.start + 7, span.end + 7))
    assert [one.whole for one in moved.scopes] == [
        Span(one.whole.start + 7, one.whole.end + 7) for one in around.scopes
    ]
    assert moved.moved(lambda span: Span(span.start - 7, span.end - 7)) == around


def _tree(text: str, language: str) -> Tree:
    tree = Trees().parse(snapshot(text, language))
    assert tree is not None
    return tree


def _flat(text: str) -> str:
    """On one line, for people."""
    return re.sub(r"\s*\n\s*", " ⏎ ", text.strip("\n"))


def _name(one: Definition, text: str) -> str:
    return one.signature.of(text).partition("(")[0].split()[-1]
