"""A text is cut where it goes in circles, and legitimate repetition is let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.suggest.loops import cut_loops
from tests.marks import cursor


def cut(text: str, source: str = "█") -> str:
    return cut_loops(text, cursor(source))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("self.x = 0\n    self.x = 0\n    self.x = 0", "self.x = 0"),
        (
            "a = load()\n    b = save()\n    a = load()\n    b = save()",
            "a = load()\n    b = save()",
        ),
        ("close(a);\n\n    close(a);\n\n    close(a);", "close(a);\n"),
        (
            "if not known:\n        return None\n    if not known:\n        return None\n    if not",
            "if not known:\n        return None",
        ),
    ],
)
def test_lines_are_said_once(text: str, kept: str) -> None:
    assert cut(text, "    █") == kept


def test_the_first_line_counts_with_what_is_typed_of_it() -> None:
    assert cut("head = 0;\n    ring.head = 0;", "    ring.█") == "head = 0;"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "if self.heard[0] == self.heard[0] == self.heard[0] == self.heard[0",
            "if self.heard[0]",
        ),
        ("if self.heard[0] == self.heard[0] == self.heard[0]:", "if self.heard[0]"),
        (
            '"""Whether the token ids on the token ids on the token ids.',
            '"""Whether the token ids on',
        ),
        ("status <= 200 && status <= 200 && status <= 200 && status", "status <= 200"),
        ("isEqual(isEqual(isEqual(isEqual(isEqual(", "isEqual"),
        ("$line, $line, $line, $line, $line,", "$line"),
        ("assert(1.0.0.0.0.0.0.0.0.0.0.0", "assert(1.0"),
        ("f(data, NULL" + ", NULL" * 15, "f(data, NULL"),
        ("text(self.text(text(text(text(text(text(", "text(self.text"),
    ],
)
def test_phrases_are_said_once(text: str, kept: str) -> None:
    assert cut(text) == kept


def test_of_several_lines_the_one_that_goes_in_circles_is_left_out() -> None:
    assert cut("total = 0\n    total += apply(apply(apply(apply(apply(", "    █") == "total = 0"


def test_what_was_typed_already_is_not_said_again_and_again() -> None:
    assert cut("$row as $row as $row as $row", "foreach ($row as █") == ""


@pytest.mark.parametrize(
    "text",
    [
        "{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},",
        "{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,",
        "0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,",
        "0, 0, 0, 0,\n    0, 0, 0, 0,\n    0, 0, 0, 0,",
        "[1, 0, 0],\n    [0, 1, 0],\n    [0, 0, 1],",
        "{ true, true, false },\n    { true, true, false },\n};",
        "true, true, true, true, false, false,",
        "None, None, None, None",
        "a[0] = b[0];\n    a[1] = b[1];\n    a[2] = b[2];\n    a[3] = b[3];",
        "std::vector<std::vector<std::vector<int>>> cube;",
        "Map<String, Map<String, Map<String, Object>>> tree;",
        "Path(__file__).parent.parent.parent",
        "dirname(dirname(dirname(__file__)))",
        "open('../../../data')",
        "const char *, const char *, const char *);",
        "std::map<std::string, std::string, std::string> names;",
        "x = max(x, y)\n    y = max(y, x)",
        "    }\n    }\n    }",
        ")))))",
        "# ----------------------------------------",
        '"=" * 40',
        "'?, ?, ?, ?, ?, ?, ?, ?, ?'",
        "a = a * a * a + b * b * b",
        "print()\nprint(x)\nprint()",
        "255.255.255.255",
        "1000000000000",
        "            \n            x",
        "ha",
        "",
    ],
)
def test_tables_chains_and_nesting_are_no_loops(text: str) -> None:
    assert cut(text) == text


@given(
    typed=st.text("ab (,\n", max_size=12),
    text=st.lists(st.sampled_from(["word", " ", "\n", "(", ", ", "0", "=="]), max_size=40).map(
        "".join
    ),
)
def test_what_is_left_is_a_start_that_stays_as_it_is(typed: str, text: str) -> None:
    source = typed + "█"
    kept = cut(text, source)
    assert text.startswith(kept)
    again = cut(kept, source)
    assert kept.startswith(again)
