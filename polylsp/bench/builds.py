"""One checkpoint → what each engine runs of it: our model folders, GGUF files, the checkpoint itself.

An engine is named as in `onnx:int8-b64`, `llama:q8_0` or `transformers:float32`; what is there is not made
again.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from polylsp.engine.load import FILES, MANIFEST
from polylsp.errors import ModelError

ENGINES = (
    *("onnx:int8", "onnx:int8-b32", "onnx:int8-b128", "onnx:int4"),
    *("llama:q8_0", "llama:q4_k_m", "transformers:float32"),
)
_RIVALS = {"llama": "llama_cpp", "transformers": "transformers"}
_OURS = ("onnx", "torch", "gguf")


@dataclass(frozen=True, slots=True)
class Build:
    """What one engine runs."""

    name: str
    engine: str
    path: str  # Of a model folder of ours, a .gguf file, or a checkpoint.
    bits: int  # Of a matrix' value; the scales beside it are not counted.
    option: str = ""  # llama: "flash" or ""; transformers: the dtype.

    @property
    def ours(self) -> bool:
        return self.engine in _OURS


def prepare(
    source: Path, engines: Sequence[str], work: Path, context: int, say: Callable[[str], None]
) -> list[Build]:
    """Make what is not yet in the folder `work`. Raises ModelError where a checkpoint cannot be converted.

    Rivals that are not installed are left out, and that is said. Of a .gguf file, llama.cpp runs the file
    itself, whatever is asked of it.
    """
    builds: list[Build] = []
    for name in engines:
        engine, _, weights = name.partition(":")
        if engine not in (*_OURS, *_RIVALS) or not weights:
            raise ModelError(f"no engine {name!r}: name them as in {', '.join(ENGINES)}")
        module = _RIVALS.get(engine)
        if module and importlib.util.find_spec(module) is None:
            say(f"{name} is left out: {module} is not installed")
            continue
        builds += _builds(source, engine, weights, work, context, say)
    return list({build.name: build for build in builds}.values())


def _builds(
    source: Path, engine: str, weights: str, work: Path, context: int, say: Callable[[str], None]
) -> Iterator[Build]:
    if engine == "transformers":
        bits = 16 if "16" in weights else 32
        yield Build(f"{engine} {weights}", engine, str(source), bits, weights)
    elif engine == "llama":
        given = source.suffix == ".gguf"
        made = (
            source if given else _made(source, "gguf", weights, work, context, say) / FILES["gguf"]
        )
        label = f"llama.cpp {made.stem.rpartition('.')[2].lower() if given else weights}"
        for option in ("", "flash"):
            name = f"{label} {option}".strip()
            yield Build(name, engine, str(made), _bits(label), option)
    else:
        folder = _made(source, engine, weights, work, context, say)
        yield Build(f"{engine} {weights}", engine, str(folder), _bits(weights))


def _made(
    source: Path, target: str, weights: str, work: Path, context: int, say: Callable[[str], None]
) -> Path:
    try:
        from polylsp.export.convert import Options
        from polylsp.export.dispatch import export
        from polylsp.export.quantise import Format
    except ImportError as error:
        raise ModelError(f"exporting needs {error.name}: pip install 'polylsp[export]'") from error

    folder = work / f"{target}-{weights}"
    if not (folder / MANIFEST).is_file():
        stored, _, block = weights.partition("-b")
        wanted = Format(stored, int(block)) if block else Format(stored)
        export(source, folder, target, Options(wanted, source.stem, context=context), say)
    return folder


def _bits(weights: str) -> int:
    """Of "int8-b64", "q4_k_m", "bf16", …"""
    found = re.search(r"(?:int|q|f|fp|bf)(\d+)", weights)
    return int(found.group(1)) if found else 8
