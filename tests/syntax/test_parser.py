from __future__ import annotations

import tracemalloc

import pytest
import tree_sitter
from hypothesis import given
from hypothesis import strategies as st

from polylsp.syntax import parser
from polylsp.syntax.languages import LANGUAGES
from polylsp.syntax.parser import MOST_CHARACTERS, Trees
from polylsp.types import Snapshot
from tests import golden
from tests.marks import snapshot

CODE = {
    case.given[0].language: case.given[0].text.replace("█", "")
    for case in golden.cases("outline")[:13]
}
PIECES = [
    *("(", ")", "{", "}", "[", "'", '"', '"""', "`", "/*", "*/", "//", "#", "\n", "\n    ", "\t"),
    *(
        "x",
        "if x:",
        "end",
        "é",
        "日本",
        "😀",
        "\u2028",
        "\x85",
        "\xa0",
        "\f",
        "\x00",
        "\\",
        "<<END",
        "${",
    ),
]


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A language, and the texts that random edits make of a file in it."""
    language = draw(st.sampled_from([one.name for one in LANGUAGES]))
    text = CODE[language]
    texts = [text]
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 5, 200])))
        piece = "".join(draw(st.lists(st.sampled_from(PIECES), max_size=3)))
        text = text[:start] + piece + text[end:]
        texts.append(text)
    return language, texts


@given(edited())
def test_parsing_step_by_step_equals_parsing_at_once(case: tuple[str, list[str]]) -> None:
    language, texts = case
    trees = Trees()
    for version, text in enumerate(texts):
        grown = trees.parse(_at(version, language, text))
        fresh = Trees().parse(snapshot(text, language))
        assert grown is not None
        assert fresh is not None
        assert grown.source == fresh.source
        assert grown.root.end_byte == fresh.root.end_byte
        # Of code with errors, tree-sitter may find another reading where it starts from an older one.
        if not fresh.root.has_error:
            assert _nodes(grown.root) == _nodes(fresh.root)


@given(edited())
def test_broken_code_never_raises(case: tuple[str, list[str]]) -> None:
    language, texts = case
    for text in texts:
        tree = Trees().parse(snapshot(text, language))
        assert tree is not None
        assert len(tree.source) == len(text)


@given(st.sampled_from([one.name for one in LANGUAGES]), st.text())
def test_offsets_of_nodes_are_code_points(language: str, text: str) -> None:
    place = snapshot(text, language)
    tree = Trees().parse(place)
    assert tree is not None
    assert len(tree.source) == len(place.text)
    assert tree.root.end_byte <= len(place.text)


def test_what_is_beyond_ascii_is_a_letter_or_a_space() -> None:
    text = "naïve = '日本 😀'\nx\u2028=\xa01\n"
    tree = Trees().parse(snapshot(text))
    assert tree is not None
    assert not tree.root.has_error
    [first, second] = tree.root.named_children
    assert text[first.start_byte : first.end_byte] == "naïve = '日本 😀'"
    assert text[second.start_byte : second.end_byte] == "x\u2028=\xa01"


def test_an_unchanged_text_is_not_parsed_again() -> None:
    trees = Trees()
    tree = trees.parse(_at(1, "python", "x = 1\n"))
    assert trees.parse(_at(2, "python", "x = 1\n")) is tree


def test_a_document_may_change_its_language() -> None:
    trees = Trees()
    trees.parse(_at(1, "python", "int x;\n"))
    tree = trees.parse(_at(2, "c", "int x;\n"))
    assert tree is not None
    assert tree.language == "c"
    assert not tree.root.has_error


def test_inserting_makes_another_tree_and_leaves_this_one_alone() -> None:
    tree = Trees().parse(snapshot("f(é)\n"))
    assert tree is not None
    before = _nodes(tree.root)
    after = tree.inserted(3, ", 日")
    fresh = Trees().parse(snapshot("f(é, 日)\n"))
    assert after is not None
    assert fresh is not None
    assert _nodes(after.root) == _nodes(fresh.root)
    assert _nodes(tree.root) == before


def test_a_language_without_grammar_has_no_tree() -> None:
    assert Trees().parse(snapshot("x", "")) is None
    assert Trees().parse(snapshot("x", "cobol")) is None


def test_only_a_text_that_is_too_big_has_no_tree() -> None:
    assert Trees().parse(snapshot("\n" * MOST_CHARACTERS)) is not None
    assert Trees().parse(snapshot("\n" * (MOST_CHARACTERS + 1))) is None


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every parse takes too long."""
    monkeypatch.setattr(parser, "_SECONDS", -1.0)


# Long enough for the parser to ask whether it should go on.
LONG = "x = (1 + 2) * [3, 4]\n" * 2_000


@pytest.mark.usefixtures("slow")
def test_a_parse_that_takes_too_long_is_given_up() -> None:
    assert Trees().parse(snapshot(LONG)) is None


def test_a_text_that_took_too_long_is_tried_again_when_it_is_shorter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trees = Trees()
    with monkeypatch.context() as patch:
        patch.setattr(parser, "_SECONDS", -1.0)
        assert trees.parse(_at(1, "python", LONG)) is None
    assert trees.parse(_at(2, "python", LONG)) is None
    assert trees.parse(_at(3, "python", LONG[: len(LONG) * 3 // 4])) is not None
    assert trees.parse(_at(4, "python", LONG)) is not None


def test_a_text_that_took_too_long_is_tried_again_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trees = Trees()
    with monkeypatch.context() as patch:
        patch.setattr(parser, "_SECONDS", -1.0)
        assert trees.parse(_at(0, "python", LONG)) is None
    found = [trees.parse(_at(version, "python", LONG)) for version in range(1, 102)]
    assert found[0] is None
    assert found[-1] is not None


def test_trees_are_kept_for_so_many_documents_only() -> None:
    trees = Trees()
    kept = [trees.parse(_at(1, "python", "x = 1\n", uri=str(index))) for index in range(100)]
    again = [trees.parse(_at(1, "python", "x = 1\n", uri=str(index))) for index in (99, 0)]
    assert again[0] is kept[99]
    assert again[1] is not kept[0]


def test_trees_of_big_documents_are_kept_for_fewer_of_them() -> None:
    trees = Trees()
    text = "\n" * (MOST_CHARACTERS // 2)
    kept = [trees.parse(_at(1, "python", text, uri=str(index))) for index in range(10)]
    assert trees.parse(_at(1, "python", text, uri="9")) is kept[9]
    assert trees.parse(_at(1, "python", text, uri="0")) is not kept[0]


@pytest.mark.usefixtures("slow")
def test_what_is_remembered_of_hopeless_documents_is_bounded() -> None:
    trees = Trees()
    for index in range(200):
        assert trees.parse(_at(1, "python", LONG, uri=str(index))) is None
    assert len(trees._hopeless) < 200


def test_a_forgotten_document_is_parsed_afresh() -> None:
    trees = Trees()
    tree = trees.parse(_at(1, "python", "x = 1\n"))
    other = trees.parse_repaired("u", "closed", "python", b"x = 1\n")
    trees.forget("u")
    trees.forget("unknown")
    assert trees.parse(_at(1, "python", "x = 1\n")) is not tree
    assert trees.parse_repaired("u", "closed", "python", b"x = 1\n") is not other


def test_dropping_all_trees_changes_no_answer() -> None:
    trees = Trees()
    before = trees.parse(_at(1, "go", CODE["go"]))
    trees.clear()
    after = trees.parse(_at(1, "go", CODE["go"]))
    assert before is not None
    assert after is not None
    assert after is not before
    assert _nodes(after.root) == _nodes(before.root)


def test_no_parse_holds_on_to_the_text_that_it_read() -> None:
    trees, text, kept = Trees(), CODE["python"] * 50, []
    tracemalloc.start()
    try:
        for count in range(60):
            trees.parse(snapshot("x" * (count % 3) + text))
            kept.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert max(kept[30:]) - max(kept[:30]) < len(text)


def test_a_repaired_text_has_a_tree_of_its_own() -> None:
    trees = Trees()
    tree = trees.parse(_at(1, "python", "x = (\n"))
    repaired = trees.parse_repaired("u", "closed", "python", b"x = ()\n")
    assert repaired is not None
    assert not repaired.root.has_error
    assert trees.parse(_at(2, "python", "x = (\n")) is tree
    assert trees.parse_repaired("u", "closed", "python", b"x = ()\n") is repaired


def _at(version: int, language: str, text: str, uri: str = "u") -> Snapshot:
    return Snapshot.of(uri, version, language, text)


def _nodes(root: tree_sitter.Node) -> list[tuple[str, int, int, bool]]:
    found = []
    stack = [root]
    while stack:
        node = stack.pop()
        found.append((node.type, node.start_byte, node.end_byte, node.is_missing))
        stack += node.children
    return found
