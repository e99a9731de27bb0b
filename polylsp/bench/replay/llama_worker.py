"""llama.cpp as a server in a process of its own; `Server` is that process seen from outside.

Where a model folder of ours lies around the file, its layout and its tokenizer count: llama.cpp has not every
way to split text, and would show some models tokens that they never saw.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

from polylsp.bench import process
from polylsp.bench.llama import Llama
from polylsp.bench.replay.infill import Answer, Infill, Request
from polylsp.engine.load import MANIFEST, manifest
from polylsp.prompt.layout import Layout

_TOKENIZER = "tokenizer.json"


class Server:
    """The process, which has loaded `gguf` already."""

    def __init__(
        self, gguf: Path, threads: int, context: int, show_suffix: bool | None = None
    ) -> None:
        """`show_suffix`: None for what the model's layout says. Raises ModelError where it cannot be loaded."""
        # Threads that wait by spinning take time from everything else on the machine, and from each other.
        quiet = {"OMP_WAIT_POLICY": "PASSIVE"}
        self._process = process.Process(__name__, f"llama.cpp {gguf.name}", quiet)
        self._lock = Lock()
        given = {"gguf": str(gguf), "threads": threads, "context": context, "suffix": show_suffix}
        self._process.ask(given)

    def answer(self, request: Request) -> Answer:
        return Answer(**self._ask(asdict(request)))

    def cpu_seconds(self) -> float:
        """Of all its threads, what loading took included; told between two answers."""
        return float(self._ask({})["cpu"])

    def quit(self) -> None:
        """End it, in the middle of an answer too; who waits for that gets a ModelError."""
        self._process.kill()
        with self._lock:
            self._process.quit()

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            return self._process.ask(message)


def serve(lines: TextIO, answer: process.Answer) -> None:
    """Load what the first line says, then answer each further one; to an empty one, how much time it took."""
    given = json.loads(lines.readline())
    infill = loaded(Path(given["gguf"]), given["threads"], given["context"], given["suffix"])
    answer({})
    for line in lines:
        asked = json.loads(line)
        answer(asdict(infill.answer(Request(**asked))) if asked else {"cpu": time.process_time()})


def loaded(gguf: Path, threads: int, context: int, show_suffix: bool | None) -> Infill:
    """What such a process runs. Raises ModelError."""
    llama = Llama(str(gguf), context, threads)
    special = llama.special()
    encode: Callable[[str], list[int]] = llama.tokens
    if (gguf.parent / MANIFEST).is_file():
        from polylsp.prompt.tokenizer import Tokenizer

        layout = Layout.parse(manifest(gguf.parent)["prompt"], special)
        encode = Tokenizer(gguf.parent / _TOKENIZER).encode
    else:
        end = next((text for text, id_ in special.items() if id_ == llama.end_id()), None)
        layout = Layout.detect(special, end, use_suffix=False)
    shown = layout.use_suffix if show_suffix is None else show_suffix
    return Infill(llama, layout, encode, shown)


if __name__ == "__main__":
    process.run(serve)
