"""What weights of fewer bits cost: each conversion against the 32-bit one, over the same real code.

A .gguf file is also run by llama.cpp as it is, over the same tokens: what is made of it must predict no worse.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from polylsp.bench.builds import prepare
from polylsp.bench.claims import Claim, machine
from polylsp.engine.load import FILES, FORMAT, MANIFEST, manifest
from polylsp.export.compare import Fidelity, compare

_ENOUGH = 16_384  # Characters of a file that are read: some thousand tokens.
Texts = Mapping[str, Sequence[str]]  # By language.


def read(files: Mapping[str, Sequence[Path]]) -> Texts:
    """The beginnings of those files."""
    return {
        language: [file.read_text(encoding="utf-8")[:_ENOUGH] for file in found]
        for language, found in files.items()
    }


def measure(
    models: Sequence[Path],
    texts: Texts,
    *,
    weights: Sequence[str],
    positions: int,
    context: int,
    work: Path,
    name: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The report on `weights` of each model. Raises ModelError where one cannot be converted or loaded."""
    rows: dict[str, dict[str, Any]] = {}
    claims: list[Claim] = []
    for index, source in enumerate(models):
        model = name if name and len(models) == 1 else source.stem
        found = _measured(source, texts, weights, positions, context, work / f"model-{index}", say)
        rows[model] = {stored: asdict(fidelity) for stored, fidelity in found.items()}
        claims += _claims(model, found)
    return {
        "benchmark": "quality",
        "machine": machine(),
        "models": rows,
        "claims": [claim.row() for claim in claims],
        "summary": [str(claim) for claim in claims],
    }


def _measured(
    source: Path,
    texts: Texts,
    weights: Sequence[str],
    positions: int,
    context: int,
    work: Path,
    say: Callable[[str], None],
) -> dict[str, Fidelity]:
    engines = [f"onnx:{stored}" for stored in ("fp32", *weights)]
    builds = prepare(source, engines, work, context, say)
    folders = {build.name.partition(" ")[2]: Path(build.path) for build in builds}
    whole = folders["fp32"]
    found = {stored: compare(folders[stored], whole, texts, positions, say) for stored in weights}
    if source.suffix == ".gguf" and importlib.util.find_spec("llama_cpp"):
        folder = _as_it_is(source, whole, work / "as-it-is")
        found["llama.cpp"] = compare(folder, whole, texts, positions, say)
    return found


def _as_it_is(file: Path, converted: Path, folder: Path) -> Path:
    """A model folder around a .gguf file, with the tokenizer and the context of what was made of it."""
    if not (folder / MANIFEST).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, folder / FILES["gguf"])
        shutil.copyfile(converted / "tokenizer.json", folder / "tokenizer.json")
        about = manifest(converted)
        engine = {"backend": "gguf", "context": about["engine"]["context"]}
        text = json.dumps({**about, "format": FORMAT, "engine": engine})
        (folder / MANIFEST).write_text(text, encoding="utf-8")
    return folder


def _claims(model: str, found: Mapping[str, Fidelity]) -> Iterator[Claim]:
    """The default, eight bits, is what is promised; other formats have their figures printed."""
    default = found.get("int8")
    if default is None:
        return
    n, bits = default.positions, default.bits_per_byte
    yield Claim("int8_agreement", default.top1, 0.98, n, model=model)
    whole = default.bits_per_byte_reference / bits
    yield Claim("int8_bits_per_byte", whole, 0.99, n, model=model)
    if "llama.cpp" in found:
        given = found["llama.cpp"].bits_per_byte / bits
        # Two ways to round differ in the fourth digit.
        yield Claim("gguf_bits_per_byte", given, 0.999, n, model=model)
