"""A corpus as tokens: which, how many, the same each time."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from polylsp.cli.__main__ import main
from polylsp.errors import PolyError
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.train import tokens
from polylsp.train.config import Data
from polylsp.train.shards import manifest
from tests.train.conftest import TOKENIZER, write_corpus, write_piece


def _contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_workers_change_nothing(corpus: Path, shards: Path, tmp_path: Path) -> None:
    tokens.make(corpus, TOKENIZER, tmp_path / "tokens", Data(20_000), workers=2)
    assert _contents(tmp_path / "tokens") == _contents(shards)


def test_another_seed_is_another_order(corpus: Path, shards: Path, tmp_path: Path) -> None:
    tokens.make(corpus, TOKENIZER, tmp_path / "tokens", Data(20_000, seed=1))
    name = "00000.tokens.npy"
    assert _contents(tmp_path / "tokens")[name] != _contents(shards)[name]


def test_languages_have_the_shares_that_were_asked_for(shards: Path) -> None:
    row = manifest(shards)
    shares = {language: one["share"] for language, one in row["languages"].items()}
    assert shares["c"] + shares["cpp"] >= 0.3
    assert shares["python"] == pytest.approx(1.4 / 7.1, abs=0.05)
    assert 15_000 < row["tokens"] < 30_000
    assert 0.3 < sum(one["filled"] for one in row["languages"].values()) / row["tokens"] < 0.8


def test_a_recipe_says_what_is_drawn(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", {"c": 30, "cpp": 30, "python": 30})
    said = '[sources]\npypi = ["attrs==25.4.0"]\n[sampling]\nc = 0.5\ncpp = 0.4\n'
    (corpus / "recipe.toml").write_text(said, encoding="utf-8")
    row = tokens.make(corpus, TOKENIZER, tmp_path / "tokens", Data(15_000))
    shares = {language: one["share"] for language, one in row["languages"].items()}
    assert shares == pytest.approx({"c": 0.5, "cpp": 0.4, "python": 0.1}, abs=0.1)


def test_no_piece_is_too_large(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST", 6_000)
    row = tokens.make(corpus, TOKENIZER, tmp_path / "tokens", Data(20_000))
    assert len(row["pieces"]) > 2
    assert max(piece["tokens"] for piece in row["pieces"]) <= 6_000


def test_a_language_with_little_text_is_gone_through_again_and_not_for_ever(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", {"c": 2, "python": 30})
    weights = {"c": 1.0, "python": 1.0}
    once = tokens.make(corpus, TOKENIZER, tmp_path / "1", Data(20_000, weights, passes=1))
    thrice = tokens.make(corpus, TOKENIZER, tmp_path / "3", Data(20_000, weights, passes=3))
    ratio = thrice["languages"]["c"]["tokens"] / once["languages"]["c"]["tokens"]
    assert 2.2 < ratio < 3.8


def test_no_carriage_return_is_trained_on(tmp_path: Path) -> None:
    file = tmp_path / "corpus" / "text" / "train" / "c" / "00000.jsonl.gz"
    write_piece(file, "c", ["int a;\r\nint b;\r\n" * 40])
    tokens.make(tmp_path / "corpus", TOKENIZER, tmp_path / "tokens", Data(500))
    ids = np.load(tmp_path / "tokens" / "00000.tokens.npy")
    said = Tokenizer(TOKENIZER).decode(ids.tolist())
    assert "int a;\nint b;" in said
    assert "\r" not in said


def test_the_command_tells_what_it_made(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["train", "tokens", str(corpus), str(tmp_path / "tokens"), "--count", "5000"]
    assert main([*asked, "--workers", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == manifest(tmp_path / "tokens")
    assert main(asked) == 1
    assert "not empty" in capsys.readouterr().err


def test_a_folder_without_text_is_turned_down(tmp_path: Path) -> None:
    with pytest.raises(PolyError, match="corpus build"):
        tokens.make(tmp_path, TOKENIZER, tmp_path / "tokens", Data(500))
