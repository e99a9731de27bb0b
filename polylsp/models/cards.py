"""What is known of models without loading them: those on this machine, and those that can be pulled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from polylsp.engine.load import manifest
from polylsp.errors import ModelError
from polylsp.models import memory, store
from polylsp.models.known import KNOWN, Known
from polylsp.models.registry import part
from polylsp.models.resolve import EMBEDDED

# The formats whose needs are told of a model that is not converted yet.
_FORMATS = ("fp32", "int8", "int4")


@dataclass(frozen=True, slots=True)
class Card:
    """One model, in one place and form."""

    name: str
    folder: Path | None  # Where it lies ready to run; None where it does not.
    parameters: int
    context: int
    fills: bool  # Trained to fill in the middle.
    weights: str  # How the matrices are stored: "int8-b64".
    licence: str
    megabytes: float  # On disk, or to download.
    memory: dict[str, int] = field(default_factory=dict)  # Weights → megabytes needed.
    sources: tuple[str, ...] = ()  # Where it can be pulled from, in order.


def cards(folders: Iterable[str] = ()) -> Iterator[Card | ModelError]:
    """The embedded model, every model that can be pulled, everything else in the store, and `folders`.

    One that cannot be told about gives its error instead.
    """
    yield from _each([EMBEDDED])
    stored = store.names()
    for model in KNOWN:
        made = store.folders(model.home) if model.home in stored else []
        if made:
            yield from _each(made)
        else:
            yield _of(model, model.home in stored and store.source(model.home) is not None)
    others = [name for name in stored if name not in {model.home for model in KNOWN}]
    yield from _each([folder for name in others for folder in store.folders(name)])
    yield from _each([Path(folder).expanduser() for folder in folders])


def card(folder: Path) -> Card:
    """What the manifest says of the model in `folder`. Raises ModelError."""
    about = manifest(folder)
    weights = str(about.get("weights") or "?")
    return Card(
        name=str(about.get("name") or folder.name),
        folder=folder,
        parameters=_count(about.get("parameters")),
        context=_count(part(about, folder, "engine").get("context")),
        fills=bool(part(about, folder, "prompt").get("suffix")),
        weights=weights,
        licence=str(about.get("licence") or "?"),
        megabytes=store.size(folder) / 2**20,
        memory={weights: memory.needed_by_folder(folder) >> 20},
    )


def needs(model: Known) -> dict[str, int]:
    """The megabytes of memory that a model takes, by how its weights are stored; {} where nobody knows."""
    plan = model.plan
    return {weights: memory.needed(plan, weights) >> 20 for weights in _FORMATS} if plan else {}


def _each(folders: Iterable[Path]) -> Iterator[Card | ModelError]:
    for folder in folders:
        try:
            yield card(folder)
        except ModelError as error:
            yield error


def _of(model: Known, pulled: bool) -> Card:
    plan = model.plan
    assert plan is not None
    return Card(
        name=model.name,
        folder=None,
        parameters=plan.parameters,
        context=model.context,
        fills=model.fills,
        weights="pulled" if pulled else "",
        licence=model.licence,
        megabytes=model.megabytes * 10**6 / 2**20,
        memory=needs(model),
        sources=tuple(f"{source.kind}: {source.id}" for source in model.sources),
    )


def _count(number: object) -> int:
    return number if isinstance(number, int) else 0
