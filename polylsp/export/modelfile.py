"""The Modelfile beside a GGUF file, from which Ollama makes a model: `ollama create NAME -f Modelfile`."""

from __future__ import annotations

import json
from pathlib import Path

from polylsp.engine.load import FILES, manifest
from polylsp.prompt.layout import Layout
from polylsp.prompt.tokenizer import Tokenizer

NAME = "Modelfile"
_LONGEST = 128  # Tokens of an answer.


def write(folder: Path, context: int) -> None:
    """Write the Modelfile of a model folder."""
    special = Tokenizer(folder / "tokenizer.json").special
    layout = Layout.parse(manifest(folder)["prompt"], special)
    (folder / NAME).write_text(text(layout, context), encoding="utf-8")


def text(layout: Layout, context: int) -> str:
    """Completion, not chat: the prompt goes to the model as it is, and the likeliest token is taken."""
    lines = [
        f"FROM ./{FILES['gguf']}",
        f'TEMPLATE """{_template(layout)}"""',
        f"PARAMETER num_ctx {context}",
        f"PARAMETER num_predict {_LONGEST}",
        "PARAMETER temperature 0",
        "PARAMETER repeat_penalty 1",
        *(f"PARAMETER stop {json.dumps(token, ensure_ascii=False)}" for token in layout.end),
    ]
    return "\n".join(lines) + "\n"


def _template(layout: Layout) -> str:
    if not layout.fills:
        return "{{ .Prompt }}"
    filled = f"{layout.suffix}{{{{ .Suffix }}}}{layout.prefix}{{{{ .Prompt }}}}"
    return f"{{{{ if .Suffix }}}}{filled}{{{{ else }}}}{{{{ .Prompt }}}}{{{{ end }}}}"
