"""What a model and its training are like: one TOML file, and the one parser of it.

Files of this package (`configurations/`) go by their name, others by their path.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from polylsp.errors import PolyError

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Shape:
    """A GPT-NeoX with the sequential residual and rotary positions over whole heads."""

    layers: int
    hidden: int
    heads: int
    context: int  # The most tokens.
    vocabulary: int  # Rows of the embedding; a tokenizer may use fewer.
    tied: bool = True  # Whether the head is the embedding.


@dataclass(frozen=True, slots=True)
class Data:
    """How a corpus becomes tokens."""

    tokens: int  # To draw.
    weights: Mapping[str, float] = field(default_factory=dict)  # None: as the corpus's recipe says.
    passes: int = 4  # The most times that a file is drawn.
    fill: float = 0.5  # Of the files: cut up to fill in the middle.
    path: float = 0.5  # Of the documents: with a path before them.
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Training:
    """How tokens become a model. Rates are those between warm-up and decay."""

    steps: int
    batch: int  # Tokens a step.
    at_once: int  # Of these, tokens that a device takes at once.
    rate: float  # AdamW's.
    matrix_rate: float = 0.0  # Muon's, for the layers' matrices; 0: AdamW for all.
    lengths: Mapping[str, int] = field(default_factory=dict)  # From a step on: tokens of a window.
    warmup: int = 100
    decay: int = 0  # The last so many of the steps.
    decay_form: str = "linear"  # Or "cosine".
    last_rate: float = 0.0  # At the end of the decay, as a share.
    decay_length: int = 0  # Of a window while the rate decays; 0: as before.
    beta: float = 0.95  # AdamW's second.
    weight_decay: float = 0.0
    clip: float = 1.0  # The most that the gradient's norm may be; 0: any.
    prefix_weight: float = 1.0  # Of what stands before the middle, where one is filled in.
    sure: float = 1.0  # Of tokens likelier than that, one in four is learnt from, for all of them.
    precision: str = "fp32"  # Or "bf16": autocast, weights stay fp32.
    compiled: bool = False  # By torch.compile, which needs a C++ compiler.
    log: int = 10  # Steps between two lines of the log.
    validate: int = 500  # Steps between two validations.
    save_minutes: float = 10.0  # Between two checkpoints.
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Configuration:
    """A model, its data and its training."""

    name: str
    model: Shape
    data: Data
    training: Training

    def row(self) -> dict[str, Any]:
        """As `parse` reads it."""
        row = asdict(self)
        row["data"]["weights"] = dict(self.data.weights)
        row["training"]["lengths"] = dict(self.training.lengths)
        return row


def names() -> list[str]:
    """The configurations that are shipped, by name."""
    files = resources.files(__package__).joinpath("configurations").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def load(name: str) -> Configuration:
    """A shipped one by its name, or any by its file. Raises PolyError."""
    if name in names():
        shipped = resources.files(__package__).joinpath("configurations", f"{name}.toml")
        return parse(_toml(shipped.read_text(encoding="utf-8"), name), name)
    file = Path(name)
    if not file.is_file():
        raise PolyError(
            f"no configuration {name!r}: name a .toml file, or one of {', '.join(names())}"
        )
    return parse(_toml(file.read_text(encoding="utf-8"), name), file.stem)


def parse(row: Mapping[str, Any], name: str = "") -> Configuration:
    """What a file says. Raises PolyError where it says something unknown, or too little."""
    unknown = row.keys() - {"name", "model", "data", "training"}
    if unknown:
        raise PolyError(f"{name}: no such part: {', '.join(sorted(unknown))}")
    found = Configuration(
        str(row.get("name", name)),
        _part(Shape, row.get("model", {}), f"{name} [model]"),
        _part(Data, row.get("data", {}), f"{name} [data]"),
        _part(Training, row.get("training", {}), f"{name} [training]"),
    )
    _check(found)
    return found


def value(text: str) -> Any:
    """A value as TOML writes it; what is none is text."""
    try:
        return _toml(f"it = {text}", text)["it"]
    except PolyError:
        return text


def _part(kind: type[Part], said: Mapping[str, Any], where: str) -> Part:
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]
    unknown = said.keys() - known
    if unknown:
        raise PolyError(f"{where} has no {', '.join(sorted(unknown))}; it has {', '.join(known)}")
    missing = [one.name for one in known.values() if _needed(one) and one.name not in said]
    if missing:
        raise PolyError(f"{where} lacks {', '.join(missing)}")
    for key, value in said.items():
        _check_type(known[key], value, where)
    return kind(**said)


def _needed(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


_KINDS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
}


def _check_type(one: Field[Any], value: Any, where: str) -> None:
    kind = str(one.type).partition("[")[0]
    if not isinstance(value, _KINDS.get(kind, (Mapping,))) or (
        isinstance(value, bool) and kind != "bool"
    ):
        raise PolyError(f"{where}: {one.name} is to be of the type {kind}, not {value!r}")


def _check(found: Configuration) -> None:
    model, training = found.model, found.training
    lengths = [*training.lengths.values(), training.decay_length or model.context]
    for wrong, said in (
        (model.hidden % (2 * model.heads) != 0, "hidden is to be heads times an even size"),
        (model.vocabulary > 1 << 16, "a vocabulary has 65,536 tokens at the most"),
        (any(not key.isdigit() for key in training.lengths), "lengths are given by their step"),
        (any(not 0 < one <= model.context for one in lengths), "a length exceeds the context"),
        (any(training.at_once % one for one in lengths), "at_once is to hold whole windows"),
        (training.batch % training.at_once != 0, "batch is to be a multiple of at_once"),
        (training.decay_form not in ("linear", "cosine"), "decay_form is linear or cosine"),
        (training.precision not in ("fp32", "bf16"), "precision is fp32 or bf16"),
    ):
        if wrong:
            raise PolyError(f"{found.name}: {said}")


def _toml(text: str, name: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolyError(f"{name} is no TOML: {error}") from error
