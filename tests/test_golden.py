from __future__ import annotations

from pathlib import Path

import pytest

from tests import golden

SUITE = """\
Words about the suite.

## One
What it shows.

```python a.py
x = 1

## not a heading
```

~~~
not a block
~~~

```
expected
```

## Two
````c
```
````
````
````
"""


@pytest.fixture(autouse=True)
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    monkeypatch.delenv("UPDATE_GOLDEN", raising=False)
    file = tmp_path / "made.md"
    file.write_text(SUITE, encoding="utf-8")
    return file


def test_a_heading_is_a_case_and_its_last_block_the_expectation() -> None:
    one, two = golden.cases("made")
    assert (one.suite, one.name, one.expected) == ("made", "One", "expected")
    assert one.prose.startswith("What it shows.")
    [block] = one.given
    assert (block.language, block.info) == ("python", "python a.py")
    assert block.text == "x = 1\n\n## not a heading"
    assert (two.given[0].text, two.expected) == ("```", "")


def test_a_difference_fails() -> None:
    one, _ = golden.cases("made")
    one.check("expected")
    one.check("expected\n")
    with pytest.raises(AssertionError, match=r"made\.md, 'One'"):
        one.check("something else")


def test_updating_rewrites_only_the_expectation(
    suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPDATE_GOLDEN", "1")
    one, two = golden.cases("made")
    two.check("a\nb")
    one.check("new\n\n")
    assert suite.read_text(encoding="utf-8") == SUITE.replace("expected\n", "new\n").replace(
        "````\n````\n````\n", "````\n````\na\nb\n````\n"
    )
    assert [case.expected for case in golden.cases("made")] == ["new", "a\nb"]


def test_a_case_without_an_expectation_is_refused(suite: Path) -> None:
    suite.write_text("## One\n```\nx\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="needs an input and an expectation"):
        golden.cases("made")
