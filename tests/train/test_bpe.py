"""Tokenizers of our own, and PolyCoder's with all of its merges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polylsp.cli.__main__ import main
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.train.arrange import Marks
from polylsp.train.bpe import SPECIAL
from tests.train.conftest import TOKENIZER

TEXT = "int total(int value) {\n        return value * 12;\n}\n"


def test_a_new_tokenizer_has_the_embedded_ones_pieces_and_special_tokens(
    corpus: Path, tmp_path: Path
) -> None:
    file = tmp_path / "own" / "tokenizer.json"
    assert main(["train", "tokenizer", str(corpus), str(file), "--size", "600"]) == 0
    own, embedded = Tokenizer(file), Tokenizer(TOKENIZER)
    assert own.special == embedded.special == {one: at for at, one in enumerate(SPECIAL)}
    assert own.decode(own.encode(TEXT)) == TEXT
    assert own.size <= 600
    said = [own.decode([one]) for one in own.encode(TEXT)]
    assert "\n        " in said, "a line end with its indentation is one token"
    assert {"1", "2"} <= set(said), "digits are never joined"
    pieces = [json.loads(one.read_text("utf-8"))["pre_tokenizer"] for one in (file, TOKENIZER)]
    assert pieces[0]["pretokenizers"][0] == pieces[1]["pretokenizers"][0]


def test_polycoders_runs_of_spaces_are_tokens_again(corpus: Path, tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    assert main(["train", "tokenizer", str(corpus), str(file), "--polycoder"]) == 0
    theirs = Tokenizer(file)
    assert len(theirs.encode("        ")) == 1
    assert theirs.decode(theirs.encode(TEXT)) == TEXT
    assert Marks.of(theirs).start == 0
    assert theirs.size <= 50_304


def test_tokenizers_are_compared_on_text_that_none_was_made_from(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["train", "tokenizer", str(corpus)]
    assert main([*asked, "--compare", str(TOKENIZER), "--json"]) == 0
    rates = json.loads(capsys.readouterr().out)[str(TOKENIZER)]
    assert set(rates) == {"c", "cpp", "python"}
    assert all(2 < rate < 6 for rate in rates.values())
    assert main(asked) == 1
    assert "--compare" in capsys.readouterr().err
    assert main([*asked, str(TOKENIZER)]) == 1
    assert "is there already" in capsys.readouterr().err
