"""The page: drawn without a window, and what is missing said before the typing."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from polylsp.bench.replay import picture
from polylsp.errors import PolyError

LANGUAGES = {"c": {"net_saved": 0.2}, "python": {"net_saved": 0.1}}


def row(milliseconds: float, items: int = 10) -> dict[str, Any]:
    return {
        "items": items,
        "quantiles_ms": [milliseconds + index for index in range(101)],
        "key_to_item_p50_ms": milliseconds + 50,
        "key_to_item_p95_ms": milliseconds + 95,
        "languages": LANGUAGES,
    }


def report(**more: Any) -> dict[str, Any]:
    return {"model": "embedded", "files": 2, **more}


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_a_page_is_drawn(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / f"replay{suffix}"
    timed = {"vscode": row(60), "neovim": row(200), "silent": row(0, items=0)}
    picture.draw(report(languages=LANGUAGES, timed=timed), file)
    assert file.stat().st_size > 5000


def test_a_page_is_drawn_of_half_a_run(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name, half in (("steady", {"languages": LANGUAGES}), ("timed", {"timed": {"x": row(9)}})):
        picture.draw(report(**half), tmp_path / f"{name}.svg")
        assert "python" in (tmp_path / f"{name}.svg").read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(PolyError, match="nowhere"):
        picture.draw(report(languages=LANGUAGES), tmp_path / "nowhere" / "a.svg")


def test_what_could_not_be_drawn_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PolyError, match=r"\.png"):
        picture.check(Path("replay.txt"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PolyError, match=r"pip install 'polylsp\[bench\]'"):
        picture.check(Path("replay.svg"))
