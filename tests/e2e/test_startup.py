"""What a start costs is mostly what is imported. `polylsp doctor` tells how long it takes."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"torch", "transformers", "onnxruntime", "llama_cpp", "tokenizers", "numpy", "tree_sitter"}


@pytest.mark.parametrize(
    "module", ["polylsp.lsp.server", "polylsp.lsp.handlers", "polylsp.lsp.serve", "polylsp.cli.lsp"]
)
def test_the_server_starts_without_anything_heavy(module: str) -> None:
    assert _loaded(module) & HEAVY == set()


def test_the_model_brings_them_when_it_is_loaded() -> None:
    """The control."""
    assert _loaded("polylsp.completer") >= {"tokenizers", "numpy", "tree_sitter"}


def _loaded(module: str) -> set[str]:
    """The top-level modules that importing `module` brings along."""
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}
