from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.config import ContextConfig
from polylsp.context.collect import collect
from polylsp.syntax.languages import LANGUAGES
from polylsp.syntax.parser import Trees
from polylsp.types import ChunkKind, Context, Cursor, Mode, Snapshot
from tests import golden
from tests.marks import cursor, snapshot

CODE = {case.given[0].language: case.given[0].text for case in golden.cases("outline")[:13]}
ORDER = [ChunkKind.SCOPE, ChunkKind.IMPORT, ChunkKind.SIBLING, ChunkKind.NEIGHBOUR, ChunkKind.NEAR]


@pytest.mark.parametrize("case", golden.cases("context"), ids=lambda case: case.name)
def test_the_context_of_real_code(case: golden.Case) -> None:
    here, *others = case.given
    language, path = here.info.split()
    place = cursor(here.text + "\n", "" if language == "text" else language, path)
    documents = [_document(block) for block in others]
    lines = []
    for chunk in _collect(place, *documents).chunks:
        if chunk.kind is not ChunkKind.NEAR:
            lines.append(f"{chunk.kind.value} {chunk.path}")
            lines += ["    | " + line for line in chunk.text.removesuffix("\n").split("\n")]
    case.check("\n".join(line.rstrip() for line in lines))


def _document(block: golden.Block) -> Snapshot:
    language, path = block.info.split()
    return snapshot(block.text + "\n", language, path)


@given(st.data())
def test_chunks_are_whole_lines_of_their_file_best_first(data: st.DataObject) -> None:
    place = data.draw(places())
    context = _collect(place)
    kinds = [ORDER.index(chunk.kind) for chunk in context.chunks]
    assert kinds == sorted(kinds)
    text = place.snapshot.text
    for chunk in context.chunks[:-1]:
        start, end = chunk.span.start, chunk.span.end
        assert start == 0 or text[start - 1] == "\n"
        assert end == len(text) or text[end - 1] == "\n"
        assert chunk.text.strip()
        if chunk.kind in (ChunkKind.SCOPE, ChunkKind.IMPORT):
            assert chunk.text == chunk.span.of(text)
    near = context.chunks[-1]
    assert (near.kind, near.text) == (ChunkKind.NEAR, place.prefix)


def test_what_starts_within_a_line_is_not_shown() -> None:
    """As a definition behind an error may seem to."""
    text = (
        '\n█typedef struct {\n    size_t length;\n} q"ueue;\n\nenum side { FRONT, BACK };\n\n'
        "int first(void) { return 1; }\n"
    )
    place = cursor(text, "c", "file.c")
    shown = [chunk for chunk in _collect(place).chunks if chunk.kind is ChunkKind.SIBLING]
    assert shown
    whole = place.snapshot.text
    assert all(chunk.span.start == 0 or whole[chunk.span.start - 1] == "\n" for chunk in shown)


@given(st.data())
def test_equal_cursors_have_equal_contexts(data: st.DataObject) -> None:
    place = data.draw(places())
    assert _collect(place) == _collect(place)


@st.composite
def places(draw: st.DrawFn) -> Cursor:
    """A cursor somewhere in real code, with a hole in it."""
    language = draw(st.sampled_from(sorted(CODE)))
    text = CODE[language].replace("█", "")
    start = draw(st.integers(0, len(text)))
    end = start + draw(st.sampled_from([0, 1, 10, 300]))
    text = text[:start] + draw(st.sampled_from(["", "(", "{\n", "é", "\f", '"', "/*"])) + text[end:]
    return Cursor(snapshot(text, language), draw(st.integers(0, len(text))))


@pytest.mark.parametrize("language", sorted(CODE))
def test_typing_a_line_of_broken_code_changes_only_the_near_text(language: str) -> None:
    before, mark, behind = CODE[language].partition("█")
    found = []
    for typed in ("value", "value(", "value({", "value({ x: [", 'value({ x: ["a'):
        place = cursor(f"{before}{typed}{mark}{behind}", language)
        chunks = _collect(place).chunks[:-1]
        found.append([(chunk.kind, chunk.text) for chunk in chunks])
    assert all(one == found[0] for one in found)


def test_a_chunk_is_never_long() -> None:
    header = "def f(" + ", ".join(f"argument{index}" for index in range(190)) + "):\n"
    data = "    x: T = [\n" + "        1,\n" * 3
    text = (header + "    pass\n\n\n") * 3 + "class A:\n" + data * 400 + "\n\n" + header + "    █"
    assert all(len(chunk.text) <= 4_000 for chunk in _collect(cursor(text)).chunks[:-1])


def test_a_file_with_thousands_of_functions_offers_a_few() -> None:
    text = "".join(f"def f{index}(): pass\n" for index in range(5_000)) + "█"
    siblings = [c for c in _collect(cursor(text)).chunks if c.kind is ChunkKind.SIBLING]
    assert [chunk.text for chunk in siblings[:2]] == ["def f4999(): pass\n", "def f4998(): pass\n"]
    assert len(siblings) <= 60


def test_the_comment_leader_is_the_languages_own() -> None:
    for language in LANGUAGES:
        assert _collect(cursor("█", language.name)).comment == language.comment
    assert _collect(cursor("█", "")).comment == "#"


def test_neighbours_may_be_switched_off() -> None:
    place = cursor('#include "a.h"\nint f(void) { █ }\n', "c", "a.c")
    header = snapshot("int f(void);\n", "c", "a.h")
    kinds = {chunk.kind for chunk in _collect(place, header).chunks}
    assert ChunkKind.NEIGHBOUR in kinds
    context = collect(place, Mode.LINE, None, [header], Trees(), ContextConfig(neighbours=False))
    assert [chunk.kind for chunk in context.chunks] == [ChunkKind.NEAR]


def test_without_a_tree_there_is_still_near_text() -> None:
    place = cursor("x = █", "python")
    context = collect(place, Mode.BLOCK, None, [], Trees(), ContextConfig())
    assert [chunk.text for chunk in context.chunks] == ["x = "]
    assert context.mode is Mode.BLOCK


def _collect(place: Cursor, *others: Snapshot) -> Context:
    trees = Trees()
    tree = trees.parse(place.snapshot)
    return collect(place, Mode.LINE, tree, others, trees, ContextConfig())
