"""What is known where a file is typed: the rest of its package, and nothing of itself."""

from __future__ import annotations

from pathlib import Path

from polylsp.engine.memory import LONGEST, Kind, Source
from polylsp.evals.package import Package, packages, text_of, twins
from polylsp.evals.twins import shingles
from polylsp.models.registry import Model


def known(source: Source, history: list[int]) -> int:
    """How many tokens of `history` stand in a source."""
    return max((match.length for match in source.look(history)), default=0)


def test_what_is_typed_and_its_twins_are_not_in_the_index(embedded: Model, package: Path) -> None:
    (_, files) = packages([package])[0]
    held = Package(package, files, embedded.tokenizer)
    around = held.around(package / "first.py", 0)
    assert [one.name for one in around.twins] == ["copy.py"]
    (workspace,) = around.sources
    first, second = (held.tokens[package / name].tolist() for name in ("first.py", "second.py"))
    assert known(workspace, first[:LONGEST]) < LONGEST, "its own start, which no other file has"
    assert known(workspace, second[-LONGEST - 1 : -1]) == LONGEST, "another's end"
    (other,) = held.around(package / "small.py", 0).sources
    assert known(other, first[:LONGEST]) == LONGEST


def test_open_files_are_known_as_such_and_no_longer_as_the_workspace(
    embedded: Model, package: Path
) -> None:
    (_, files) = packages([package])[0]
    held = Package(package, files, embedded.tokenizer)
    around = held.around(package / "first.py", 1)
    assert [one.name for one in around.opened] == ["second.py"]
    workspace, opened = around.sources
    assert opened.kind is Kind.OPEN
    end = held.tokens[package / "second.py"].tolist()[-LONGEST - 1 : -1]
    assert known(opened, end) == LONGEST
    assert known(workspace, end) < LONGEST


def test_only_what_somebody_wrote_is_read(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    for name in ("a.py", "notes.txt", "dist/a.js", "b.py"):
        (tmp_path / name).write_bytes(b"value = 1\r\n" if name != "b.py" else b"\xff\xfe\0")
    read = {file.name: text_of(file) for file in packages([tmp_path])[0][1]}
    assert {name: text for name, text in read.items() if text} == {"a.py": "value = 1\n"}


def test_what_a_compiler_made_of_a_file_counts_as_its_twin() -> None:
    names = ("src/v4/en.ts", "v4/en.js", "v4/en.d.cts", "v4/de.js", "src/v4/en.c")
    known = {Path(name): shingles("") for name in names}
    assert [one.as_posix() for one in twins(Path("src/v4/en.ts"), known)] == [*names[1:3]]
    assert twins(Path("v4/en.js"), known) == []


def test_files_that_were_named_one_by_one_belong_together(package: Path) -> None:
    named = [package / "first.py", package / "small.py"]
    assert packages([*named, package])[1] == (package, tuple(named))
