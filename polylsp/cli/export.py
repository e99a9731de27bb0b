"""`polylsp export`: a checkpoint folder → a model folder that polylsp runs."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polylsp.errors import ModelError

if TYPE_CHECKING:
    from polylsp.export.convert import Options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        type=Path,
        help="a Hugging Face folder (safetensors or .bin), a .gguf file, or a folder of GPT-NeoX (global_step…)",
    )
    parser.add_argument("destination", type=Path, help="where to write; must not hold a model yet")
    parser.add_argument(
        "--to",
        default="onnx",
        choices=("onnx", "torch", "gguf", "hf"),
        help="which backend to write for (default: onnx, the fastest on a processor); hf: a Hugging Face "
        "folder, which polylsp does not run but others do",
    )
    parser.add_argument(
        "--weights",
        choices=(
            *("int8", "int4", "fp32", "fp16", "bf16"),
            *("f32", "f16", "q8_0", "q4_k_m", "stored"),
        ),
        help="how matrices are stored: onnx int8 (default: loses almost nothing), int4, fp32, fp16 (for CUDA); "
        "torch bf16 (default), fp16, fp32, int8, int4; gguf q8_0 (default), q4_k_m, f16, f32; "
        "hf stored (default: as in the source), fp32, fp16, bf16",
    )
    parser.add_argument(
        "--block",
        type=int,
        default=32,
        choices=(16, 32, 64, 128, 256),
        help="values that share a scale, in int8 and int4 (default: 32)",
    )
    parser.add_argument(
        "--context", type=int, default=0, help="the most tokens (default: the model's)"
    )
    parser.add_argument("--name", help="what to call it (default: the destination's name)")
    parser.add_argument("--licence", default="", help="the licence of the weights, for listings")
    parser.add_argument(
        "--show-suffix",
        action="store_true",
        help="show the suffix in prompts, if the model can use it",
    )
    parser.add_argument(
        "--compare",
        type=Path,
        metavar="FOLDER",
        help="source code to compare the result with fp32 on: agreement, bits per byte, speed",
    )
    parser.add_argument(
        "--positions",
        type=int,
        default=20_000,
        help="how many tokens to compare at (default: 20000)",
    )
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")
    parser.epilog = (
        "GPT-NeoX (PolyCoder), Llama, Mistral, Qwen 2, Granite and StarCoder 2 become one graph made\n"
        "for completion. Others are exported through optimum: pip install 'polylsp[optimum]'.\n\n"
        "  polylsp export PolyCoder-160M ./polycoder           a downloaded folder, pickles too:\n"
        "                                                      they are read, never run\n"
        "  polylsp export model.gguf ./model --weights int4    a file made for llama.cpp\n"
        "  polylsp export ./checkpoints ./hf --to hf           PolyCoder's original files, with\n"
        "                                                      their settings (.yml) beside them\n\n"
        "Then try it: polylsp complete --model ./polycoder FILE"
    )


def run(options: argparse.Namespace) -> int:
    try:
        from polylsp.export.convert import Options
        from polylsp.export.dispatch import TARGETS, export
    except ImportError as error:
        raise ModelError(f"exporting needs {error.name}: pip install 'polylsp[export]'") from error
    from polylsp.export.quantise import Format

    texts = _texts(options.compare) if options.compare else {}
    wanted = Options(
        Format(options.weights or TARGETS[options.to][0], options.block),
        options.name or options.destination.resolve().name,
        options.licence,
        max(0, options.context),
        options.show_suffix,
    )
    export(options.source, options.destination, options.to, wanted, _say)
    if texts:
        _compare(options, wanted, texts)
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


_ENOUGH = 16_384  # Characters of a file that are read: some thousand tokens.


def _texts(folder: Path) -> dict[str, list[str]]:
    """The source files in `folder`, by language. Raises ModelError where there is none."""
    from polylsp.syntax.languages import identify

    texts: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("*")):
        language = identify("", file.name) if file.is_file() else ""
        if language:
            with file.open(encoding="utf-8", errors="replace") as opened:
                texts.setdefault(language, []).append(opened.read(_ENOUGH))
    if not texts:
        raise ModelError(f"{folder} holds no source file in the twelve languages")
    return texts


def _compare(options: argparse.Namespace, wanted: Options, texts: dict[str, list[str]]) -> None:
    from polylsp.export.compare import compare
    from polylsp.export.dispatch import export
    from polylsp.export.quantise import Format

    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder) / "fp32"
        whole = dataclasses.replace(wanted, weights=Format("fp32"))
        export(options.source, reference, "onnx", whole, _say)
        found = compare(options.destination, reference, texts, options.positions, _say)
    report: dict[str, Any] = {"weights": wanted.weights.name, **dataclasses.asdict(found)}
    if options.json:
        print(json.dumps(report, indent=2))
        return
    for name, value in report.items():
        print(f"{name:24} {value:.4f}" if isinstance(value, float) else f"{name:24} {value}")
