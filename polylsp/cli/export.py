"""`polylsp export`: a checkpoint folder → a model folder that polylsp runs."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from polylsp.errors import ModelError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        type=Path,
        help="a Hugging Face folder: config.json, *.safetensors, tokenizer.json",
    )
    parser.add_argument("destination", type=Path, help="where to write; must not hold a model yet")
    parser.add_argument(
        "--weights",
        default="int8",
        choices=("fp32", "int8", "int4", "dynamic"),
        help="how matrices are stored (default: int8, which loses almost nothing)",
    )
    parser.add_argument(
        "--block", type=int, default=64, help="values that share a scale (default: 64)"
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
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")
    parser.epilog = (
        "GPT-NeoX (PolyCoder) and Llama folders become one graph made for completion. Other\n"
        "architectures are exported through optimum: pip install 'polylsp[optimum]'."
    )


def run(options: argparse.Namespace) -> int:
    try:
        from polylsp.export import checkpoint, convert, fallback
    except ImportError as error:
        raise ModelError(f"exporting needs {error.name}: pip install 'polylsp[export]'") from error
    from polylsp.export.quantise import Format

    wanted = convert.Options(
        Format(options.weights, options.block),
        options.name or options.destination.name,
        options.licence,
        options.context,
        options.show_suffix,
    )

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    if checkpoint.knows(options.source):
        convert.convert(options.source, options.destination, wanted, say)
    else:
        fallback.convert(options.source, options.destination, wanted, say)
    if options.compare:
        _compare(options, wanted, say)
    return 0


def _compare(options: argparse.Namespace, wanted: Any, say: Any) -> None:
    import tempfile

    from polylsp.export import convert
    from polylsp.export.compare import compare
    from polylsp.export.quantise import Format
    from polylsp.syntax.languages import identify

    texts = [
        file.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
        for file in sorted(options.compare.rglob("*"))
        if file.is_file() and identify("", file.name)
    ]
    if not texts:
        raise ModelError(f"{options.compare} holds no source file in the twelve languages")
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder) / "fp32"
        fp32 = dataclasses.replace(wanted, weights=Format("fp32"))
        convert.convert(options.source, reference, fp32, say)
        report = dataclasses.asdict(compare(options.destination, reference, texts))
    if options.json:
        print(json.dumps({"weights": wanted.weights.name, "files": len(texts), **report}, indent=2))
        return
    for name, value in report.items():
        print(f"{name:26} {value:.4f}" if isinstance(value, float) else f"{name:26} {value}")
