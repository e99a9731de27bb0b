"""Where a person knows what follows, the model says something that makes sense: valid code, unfiltered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from polylsp.completer import load
from polylsp.config import parse
from polylsp.syntax.parser import Tree, Trees
from polylsp.types import Snapshot
from tests import golden, places
from tests.golden import Case

CASES = golden.cases("sense")
# Texts that another processor's rounding may change.
MOST_DIFFERING = 3
SETTINGS = {"suggest": {"syntax": False}, "engine": {"explicitBudget": 60_000}}


@pytest.fixture(scope="module")
def suggested() -> dict[str, str]:
    """What is suggested at each place; "" for nothing."""
    completer = load(parse(SETTINGS)[0])
    answers = {case.name: completer.complete(places.so_far(case), explicit=True) for case in CASES}
    return {
        name: answer.suggestions[0].text if answer.suggestions else ""
        for name, answer in answers.items()
    }


def test_thirteen_places_in_twelve_languages() -> None:
    assert len(CASES) >= 13
    assert len({case.given[0].language for case in CASES}) == 12


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_something_is_suggested_and_it_is_valid_code(case: Case, suggested: dict[str, str]) -> None:
    assert suggested[case.name].strip()
    assert can_be_finished(case, suggested[case.name])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("nonsense", [") ] = ;", "( ; ]", "} ) else ) {"])
def test_nonsense_would_be_found_out(case: Case, nonsense: str) -> None:
    assert not can_be_finished(case, nonsense)


def test_suggestions_are_those_of_the_golden_file(suggested: dict[str, str]) -> None:
    differing = places.differing(CASES, suggested)
    assert len(differing) <= MOST_DIFFERING, f"see UPDATE_GOLDEN: {differing}"


def can_be_finished(case: Case, suggestion: str) -> bool:
    """Whether some obvious ending makes code without an error of all that is written and suggested."""
    here = places.so_far(case).snapshot
    written = here.text + suggestion
    return any(not _has_error(here, written + ending) for ending in _endings(here, written))


def _endings(here: Snapshot, written: str) -> Iterator[str]:
    if here.language == "ruby":
        yield from ("\nend" * count for count in range(8))
        return
    line = written[written.rfind("\n") + 1 :]
    body = "\n" + " " * (len(line) - len(line.lstrip()) + 4) + "pass"
    fillers = ("", body) if here.language == "python" else ("", ";", " {}")
    for filler, brace in product(fillers, ("\n}", "\n};")):
        closing = {"(": ")", "[": "]", "{": brace}
        yield filler + "".join(closing[bracket] for bracket in reversed(_open(here, written)))


def _open(here: Snapshot, written: str) -> list[str]:
    """The brackets that are open at the end, by the tokens of the parse."""
    tree = _parse(here, written)
    stack: list[str] = []
    nodes = [tree.root]
    while nodes:
        node = nodes.pop()
        nodes += reversed(node.children)
        if node.is_missing or node.child_count:
            continue
        if node.type in ("(", "[", "{"):
            stack.append(node.type)
        elif node.type in (")", "]", "}") and stack:
            stack.pop()
    return stack


def _has_error(here: Snapshot, text: str) -> bool:
    return _parse(here, text).root.has_error


def _parse(here: Snapshot, text: str) -> Tree:
    tree = Trees().parse(replace(here, text=text))
    assert tree is not None
    return tree
