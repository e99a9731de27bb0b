"""`polylsp train export`."""

from __future__ import annotations

import argparse
from pathlib import Path

from polylsp.cli.training import common

HELP = "a checkpoint → a Hugging Face folder"
DESCRIPTION = """\
Write a run's newest checkpoint as a Hugging Face folder: 16-bit weights, tokenizer, configuration.
transformers loads it (GPTNeoXForCausalLM), and `polylsp export` makes of it what polylsp runs.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the run's folder", metavar="RUN")
    parser.add_argument("out", type=Path, help="where to write; must not hold a model yet")
    parser.add_argument(
        "--weights",
        default="fp16",
        choices=("fp16", "fp32", "bf16"),
        help="how they are stored (default: fp16)",
    )


def run(options: argparse.Namespace) -> int:
    common.need_torch()
    from polylsp.train.to_hf import export

    state = export(options.folder, options.out, options.weights)
    print(f"{options.out}: the model after {state.step:,} steps, {state.tokens / 1e6:.2f} M tokens")
    return 0
