"""Places in real source files, as golden files name them, and what is suggested there.

A case's input is a stretch of a file in `tests/samples/` that ends at `█`; its info string names the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from polylsp.completer import snapshot
from polylsp.types import Cursor
from tests.golden import Case
from tests.marks import CURSOR

SAMPLES = Path(__file__).parent / "samples"


def as_it_is(case: Case) -> Cursor:
    """Behind the case's stretch of text, in the whole file."""
    text, end = _found(case, _stretch(case))
    return _cursor(case, text, end)


def line_unfinished(case: Case) -> Cursor:
    """The same, where the rest of the cursor's line is not written yet."""
    text, end = _found(case, _stretch(case))
    return _cursor(case, text[:end] + text[text.index("\n", end) :], end)


def on_new_line(case: Case) -> Cursor:
    """On an empty line put into the file, as far in as the `█` stands."""
    above, _, indent = _stretch(case).rpartition("\n")
    text, end = _found(case, above + "\n")
    return _cursor(case, f"{text[:end]}{indent}\n{text[end:]}", end + len(indent))


def so_far(case: Case) -> Cursor:
    """Where the file is written as far as the cursor and no further."""
    text, end = _found(case, _stretch(case))
    return _cursor(case, text[:end], end)


def shown(case: Case, suggestion: str) -> str:
    """The case's text with what is suggested behind it, as golden files show it."""
    return f"{_stretch(case)}⟦{suggestion}⟧"


def differing(cases: Sequence[Case], suggestions: Mapping[str, str]) -> list[str]:
    """The cases whose suggestion is not what their golden file shows; UPDATE_GOLDEN rewrites it."""
    names = []
    for case in cases:
        try:
            case.check(shown(case, suggestions[case.name]))
        except AssertionError:
            names.append(case.name)
    return names


def _stretch(case: Case) -> str:
    [block] = case.given
    assert block.text.endswith(CURSOR), f"{case.name}: the input must end at {CURSOR}"
    return block.text.removesuffix(CURSOR)


def _found(case: Case, stretch: str) -> tuple[str, int]:
    """The text of the case's file, and where `stretch` ends in it."""
    text = _file(case).read_text(encoding="utf-8")
    assert text.count(stretch) == 1, f"{case.name}: not exactly once in {_file(case).name}"
    return text, text.index(stretch) + len(stretch)


def _cursor(case: Case, text: str, offset: int) -> Cursor:
    file = _file(case)
    document = snapshot(file.as_uri(), 1, case.given[0].language, text, file.name)
    return Cursor(document, offset)


def _file(case: Case) -> Path:
    return SAMPLES / case.given[0].info.split()[1]
