"""`polylsp export`: a checkpoint folder → a model folder that polylsp runs."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polylsp.errors import ModelError

if TYPE_CHECKING:
    from polylsp.export.convert import Options

Say = Callable[[str], None]


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
        "--block",
        type=int,
        default=64,
        choices=(16, 32, 64, 128, 256),
        help="values that share a scale, in int8 and int4 (default: 64)",
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
        "GPT-NeoX (PolyCoder) and Llama folders become one graph made for completion. Other\n"
        "architectures are exported through optimum: pip install 'polylsp[optimum]'."
    )


def run(options: argparse.Namespace) -> int:
    try:
        from polylsp.export.convert import Options
    except ImportError as error:
        raise ModelError(f"exporting needs {error.name}: pip install 'polylsp[export]'") from error
    from polylsp.export.quantise import Format

    texts = _texts(options.compare) if options.compare else {}
    wanted = Options(
        Format(options.weights, options.block),
        options.name or options.destination.resolve().name,
        options.licence,
        max(0, options.context),
        options.show_suffix,
    )
    _convert(options.source, options.destination, wanted, _say)
    if texts:
        _compare(options, wanted, texts)
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _convert(source: Path, destination: Path, wanted: Options, say: Say) -> None:
    from polylsp.export import convert, fallback
    from polylsp.export.checkpoint import read_config
    from polylsp.export.families import unsupported

    reason = unsupported(read_config(source))
    if reason:
        say(f"{source} holds {reason}")
        fallback.convert(source, destination, wanted, say)
    else:
        convert.convert(source, destination, wanted, say)


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
    from polylsp.export.quantise import Format

    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder) / "fp32"
        _convert(
            options.source, reference, dataclasses.replace(wanted, weights=Format("fp32")), _say
        )
        found = compare(options.destination, reference, texts, options.positions, _say)
    report: dict[str, Any] = {"weights": wanted.weights.name, **dataclasses.asdict(found)}
    if options.json:
        print(json.dumps(report, indent=2))
        return
    for name, value in report.items():
        print(f"{name:24} {value:.4f}" if isinstance(value, float) else f"{name:24} {value}")
