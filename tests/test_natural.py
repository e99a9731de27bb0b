"""Asked by hand at natural positions in real files, there is an answer: in every language, through every door."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from polylsp.client.editor import INVOKED, Editor
from polylsp.completer import load
from polylsp.config import parse
from polylsp.types import Cursor
from tests import golden, places
from tests.golden import Case

CASES = golden.cases("natural")
PLACE = {
    "end of a function header": places.as_it_is,
    "middle of an expression": places.line_unfinished,
    "an indented empty line": places.on_new_line,
}
LEAST = 30
# Texts that the rounding of another processor, or of another onnxruntime, may change.
MOST_DIFFERING = 9
# However busy the machine is.
SETTINGS = {"engine": {"explicitBudget": 60_000}}


def place(case: Case) -> Cursor:
    return PLACE[case.name.partition(": ")[2]](case)


@pytest.fixture(scope="module")
def completed() -> dict[str, str]:
    """What the completer suggests first at each place; "" where it is silent."""
    completer = load(parse(SETTINGS)[0])
    answers = {}
    for case in CASES:
        here = place(case)
        answers[case.name] = completer.complete(here, explicit=True)
        completer.forget(here.snapshot.uri)  # Or it would be another text of the same document.
    return {
        name: answer.suggestions[0].text if answer.suggestions else ""
        for name, answer in answers.items()
    }


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    """An editor with a real server behind it."""
    editor = Editor(SETTINGS)
    editor.wait_until_ready()
    yield editor
    editor.quit()


@pytest.fixture(scope="module")
def served(editor: Editor) -> dict[str, str]:
    return offered(editor, CASES)


def offered(editor: Editor, cases: Sequence[Case]) -> dict[str, str]:
    """What the server offers first at each place; "" where it is silent."""
    found = {}
    for case in cases:
        here = place(case)
        uri = here.snapshot.uri
        editor.open(uri, case.given[0].language, here.snapshot.text)
        found[case.name] = next(iter(editor.complete(uri, here.offset, INVOKED)), "")
        editor.close(uri)
    return found


def test_each_of_twelve_languages_has_a_place_of_each_kind() -> None:
    assert len(CASES) == 36
    assert len({place(case).snapshot.language for case in CASES}) == 12
    assert set(Counter(case.given[0].language for case in CASES).values()) == {len(PLACE)}
    assert {case.name.partition(": ")[2] for case in CASES} == set(PLACE)


def test_completer_answers_at_thirty_places(completed: dict[str, str]) -> None:
    assert _answered(completed) >= LEAST, _silent(completed)


def test_server_answers_at_thirty_places(served: dict[str, str]) -> None:
    assert _answered(served) >= LEAST, _silent(served)


def test_server_and_completer_say_the_same(
    served: dict[str, str], completed: dict[str, str]
) -> None:
    assert served == completed


def test_suggestions_are_those_of_the_golden_file(completed: dict[str, str]) -> None:
    differing = places.differing(CASES, completed)
    assert len(differing) <= MOST_DIFFERING, f"see UPDATE_GOLDEN: {differing}"


@pytest.mark.parametrize("case", CASES[1::3], ids=lambda case: case.name.partition(":")[0])
def test_command_line_answers_in_each_language(
    case: Case, completed: dict[str, str], tmp_path: Path
) -> None:
    here = place(case)
    file = tmp_path / here.snapshot.path
    file.write_text(here.snapshot.text, encoding="utf-8")
    line = here.prefix.count("\n") + 1
    column = len(here.line_prefix) + 1
    command = [sys.executable, "-m", "polylsp", "complete", f"{file.name}:{line}:{column}"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.stdout.removesuffix("\n"), run.returncode) == (
        completed[case.name],
        0 if completed[case.name] else 1,
    )


def _answered(suggestions: dict[str, str]) -> int:
    return sum(bool(text.strip()) for text in suggestions.values())


def _silent(suggestions: dict[str, str]) -> list[str]:
    return [name for name, text in suggestions.items() if not text.strip()]
