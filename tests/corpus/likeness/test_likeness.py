"""Runs of words, signatures, twins and guards."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from polylsp.corpus.likeness import guard, twins
from polylsp.corpus.likeness.shingles import SHINGLE, bands, runs, signature, words, words_and_names
from polylsp.errors import PolyError
from tests.corpus.planted import HUMANEVAL, code


def signed(*texts: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
    return np.array([signature(runs(words(one), SHINGLE)) for one in texts])


def jaccard(one: str, other: str) -> float:
    first, second = ({*runs(words(text), SHINGLE).tolist()} for text in (one, other))
    return len(first & second) / len(first | second)


def test_a_signature_is_the_same_everywhere() -> None:
    """These numbers are kept in files: another machine, or another version, must find the same."""
    found = signature(runs(words("int main(void) { return f(a, b, c); }"), SHINGLE))
    assert found.shape == (120,)
    assert found[:3].tolist() == [265226347, 670725365, 214576224]


def test_space_case_and_marks_say_nothing() -> None:
    assert words("Foo( a,b )").tolist() == words("foo [A]\n\tB;").tolist()


def test_a_notice_at_the_top_makes_no_twins() -> None:
    notice = (
        "# Copyright (c) Jane Roe. " + "All rights reserved under the terms of the licence. " * 20
    )
    assert words(f"{notice}\n\n{code(1)}").tolist() == words(code(1)).tolist()
    assert words(f"#!/bin/x\n{notice}\n{code(1)}").tolist() == words(code(1)).tolist()
    assert len(words(f"/* {notice}\n*/\n")) > 100, "a file that is nothing else"
    assert len(words(f"# How it works: {code(1)}")) > len(words(code(1)))


def test_a_signature_tells_how_alike_two_texts_are() -> None:
    base = code(1, 60)
    for renamed in (2, 8, 20):
        other = base.replace("def ", "def un", renamed)
        one, two = signed(base, other)
        assert np.mean(one == two) == pytest.approx(jaccard(base, other), abs=0.12)


def test_near_twins_are_found_and_the_first_stays() -> None:
    near = code(1).replace("def ", "def un", 2)
    assert jaccard(code(1), near) > 0.8
    assert twins.alike(signed(code(2), code(1), code(3), near, code(1))) == [
        *(False, False, False, True, True)
    ]
    assert twins.alike(signed(code(1))) == [False]
    assert twins.alike(np.empty((0, 120), np.uint32)) == []


def test_texts_with_little_in_common_both_stay() -> None:
    half = code(1, 15) + code(4, 15)
    assert jaccard(code(1), half) < 0.5
    assert twins.alike(signed(code(1), half)) == [False, False]


def test_of_the_same_texts_the_first_stays() -> None:
    assert twins.same(["a", "b", "a", "c", "b"]) == [False, False, True, False, True]


def test_the_shipped_guard_knows_humaneval() -> None:
    shipped = guard.load(["humaneval"])
    solution = HUMANEVAL.partition('"""\n    for')[2]
    assert shipped.knows_task(words_and_names(HUMANEVAL)[1])
    assert shipped.knows_task(words_and_names(f"{code(1)}\n{solution}\n{code(2)}")[1])
    assert not shipped.knows_task(words_and_names(code(1))[1])


def test_the_shipped_guard_knows_held_out_packages() -> None:
    assert len(guard.load(["held-out"]).bands) > 20_000


def test_a_guard_is_made_of_a_benchmark_or_of_files(tmp_path: Path) -> None:
    tasks = tmp_path / "tasks.jsonl.gz"
    task = {
        "task_id": "a/0",
        "prompt": code(1, 3),
        "canonical_solution": code(2, 3),
        "test": code(3),
    }
    tasks.write_bytes(gzip.compress(json.dumps(task).encode() + b"\n"))
    guard.write(guard.of_files([code(5)]), tmp_path / "files.npz")
    both = guard.load([str(tasks), str(tmp_path / "files.npz")])
    assert both.knows_task(words_and_names(code(1, 3))[1])
    assert both.knows_task(words_and_names(code(2, 3))[1])
    assert not both.knows_task(words_and_names(code(3))[1])
    assert both.knows_file(bands(signed(code(5).replace("def ", "def un", 1))).ravel())
    assert not both.knows_file(bands(signed(code(6))).ravel())


def test_a_guard_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"nothing of the kind")
    (tmp_path / "a.jsonl").write_text("no JSON\n")
    for name in ("a.npz", "a.jsonl", "b.npz"):
        with pytest.raises(PolyError):
            guard.load([str(tmp_path / name)])
