"""Open documents as sources: above and below the cursor, other ones, and what was deleted."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from polylsp.engine.memory import Kind, Memory
from polylsp.types import Cursor, Snapshot
from polylsp.workspace.streams import Streams, removed
from tests import marks, tinies

with TemporaryDirectory() as folder:
    TOKENIZER = tinies.tokenizer(Path(folder))
SOURCE = "first<alpha(1)\nsecond>beta(2)\n█\nthird|gamma(3)\n"


def known(
    streams: Streams, cursor: Cursor, history: str, *others: Snapshot, healed: str = ""
) -> dict[Kind, str]:
    """What each kind of source says follows `history`, and where that stands."""
    streams.see(cursor.snapshot)
    memory = Memory(streams.sources(cursor, others, healed))
    found = {}
    for match in memory.look(TOKENIZER.encode(history)):
        if match.order == 0:
            path, line = streams.origin(match.place.source, match.place.at)  # type: ignore[arg-type]
            said = TOKENIZER.decode(match.place.draft(40)).split("\n")[0]
            found[match.kind] = f"{said} {path}:{line}"
    return found


def test_above_and_below_are_sources_of_their_own() -> None:
    streams = Streams(TOKENIZER)
    here = marks.cursor(SOURCE)
    assert known(streams, here, "second>") == {Kind.ABOVE: "beta(2) file.py:2"}
    assert known(streams, here, "third|") == {Kind.BELOW: "gamma(3) file.py:4"}


def test_other_documents_are_known_with_their_lines() -> None:
    other = marks.cursor("one = 1\ntwo&delta(4)\n█", path="other.py").snapshot
    streams = Streams(TOKENIZER)
    assert known(streams, marks.cursor(SOURCE), "two&", other) == {Kind.OPEN: "delta(4) other.py:2"}


def test_what_was_deleted_can_be_typed_again_elsewhere() -> None:
    streams = Streams(TOKENIZER)
    before = marks.cursor("gone!epsilon(5)\n" + SOURCE)
    assert Kind.DELETED not in known(streams, before, "gone!")
    assert known(streams, marks.cursor(SOURCE), "gone!")[Kind.DELETED].startswith("epsilon(5)")
    streams.clear()
    assert known(streams, marks.cursor(SOURCE), "gone!") == {}


def test_the_word_that_is_being_typed_is_not_what_follows() -> None:
    """Or every word would be thought to be complete."""
    streams = Streams(TOKENIZER)
    here = marks.cursor("value = al█")
    assert known(streams, here, "value = ", healed="al") == {}
    assert known(streams, here, "value = ") == {Kind.ABOVE: "al file.py:1"}


def test_an_edit_is_learnt_at_once() -> None:
    streams = Streams(TOKENIZER)
    known(streams, marks.cursor(SOURCE), "x")
    edited = marks.cursor(SOURCE.replace("alpha(1)", "omega(9)"))
    assert known(streams, edited, "first<") == {Kind.ABOVE: "omega(9) file.py:1"}


def test_what_was_removed_is_what_stood_there() -> None:
    assert removed("alpha beta gamma", "alpha gamma") == "beta "
    assert removed("same", "same") == ""
    assert removed("abc", "abXc") == ""
    assert removed("abc", "") == "abc"
