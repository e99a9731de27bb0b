"""What a setting calls a model → a model folder that is ready to run.

Checkpoints are converted once, into the store, and found there again. Nothing is ever downloaded here: what
is not on this machine is an error that says how to get it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from polylsp.config import EngineConfig
from polylsp.engine.device import best_backend
from polylsp.engine.load import MANIFEST, manifest
from polylsp.errors import ModelError
from polylsp.models import hub, memory, standin, store
from polylsp.models.convert import AS_IT_IS, convert, needs
from polylsp.models.known import KNOWN, Hub, Known, find
from polylsp.models.standin import Short, told

EMBEDDED = Path(__file__).parent / "embedded"
# Backend → what `engine.weights` means there; the first that fits in memory is taken.
_WEIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "onnx": {"auto": ("int8", "int4"), "fp32": ("fp32",), "int8": ("int8",), "int4": ("int4",)},
    "torch": {"auto": ("bf16",), "fp32": ("fp32",)},
    "gguf": {
        "auto": ("q8_0", "q4_k_m"),
        "fp32": ("f32",),
        "int8": ("q8_0",),
        "int4": ("q4_k_m",),
    },
}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Weights as they were trained or downloaded, and where in the store their conversions belong."""

    name: str  # For people.
    home: str  # For the store.
    path: (
        Path | None
    )  # A Hugging Face folder or a .gguf file; None where only conversions are left.
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """A model folder, and why it is not quite what was asked for ("" where it is)."""

    folder: Path
    note: str = ""


def resolve(spec: str, engine: EngineConfig, say: Callable[[str], None]) -> Ready:
    """The folder to load for `spec`, converted if need be. Raises ModelError."""
    found = locate(spec)
    if isinstance(found, Path):
        return _ready(spec, found, engine)
    backend = best_backend() if engine.backend == "auto" else engine.backend
    short: list[tuple[str, int]] = []
    free = memory.limit(engine)
    for weights in _choices(found, backend, engine.weights):
        folder = store.home(found.home) / f"{backend}-{weights}"
        made = (folder / MANIFEST).is_file()
        if not made and found.path is None:
            continue
        needed = _needed(found, folder, weights)
        if free is not None and needed > free:
            short.append((weights, needed))
            continue
        if not made and found.path is not None:
            convert(found.path, folder, weights, found.name, found.licence, say)
        return Ready(folder, f"{told(spec, short, free or 0)}: {weights} is used" if short else "")
    if not short:
        raise ModelError(
            f"what {spec} was downloaded as is gone, and it was not converted for {backend}: "
            f"`polylsp models pull {spec}`"
        )
    return _stand_in(spec, short, free or 0, engine)


def expected(spec: str) -> int | None:
    """About how many bytes of memory `spec` will take; None where it is not here, or has to be converted first."""
    try:
        found = locate(spec)
        folders = [found] if isinstance(found, Path) else store.folders(found.home)
        return min(map(memory.needed_by_folder, folders), default=None)
    except (ModelError, OSError):
        return None


def _needed(found: Checkpoint, folder: Path, weights: str) -> int:
    if (folder / MANIFEST).is_file():
        return memory.needed_by_folder(folder)
    assert found.path is not None
    return needs(found.path, weights)


def _ready(spec: str, folder: Path, engine: EngineConfig) -> Ready:
    """A model folder as it lies there, or a smaller one where memory lacks."""
    free, needed = memory.limit(engine), memory.needed_by_folder(folder)
    if folder == EMBEDDED or free is None or needed <= free:
        return Ready(folder)
    return _stand_in(spec, [("it is", needed)], free, engine)


def _stand_in(spec: str, short: Short, free: int, engine: EngineConfig) -> Ready:
    """A smaller model. Raises ModelError where the settings insist on how weights are stored."""
    why, hint = told(spec, short, free), standin.fitting(free)
    if engine.weights != "auto":
        remedy = "set engine.weights to auto or int4, or engine.modelMemory to more"
        raise ModelError(f"{why}: {remedy}" + (f"; {hint}" if hint else ""))
    smallest = min(needed for _, needed in short)
    folder = standin.local(free, smallest, ("onnx", engine.backend)) or EMBEDDED
    name = manifest(folder).get("name", folder.name)
    return Ready(folder, f"{why}: {name} stands in" + (f"; {hint}" if hint else ""))


def locate(spec: str) -> Path | Checkpoint:
    """Where `spec` lies on this machine: a model folder, or a checkpoint. Raises ModelError."""
    if spec == "embedded":
        return EMBEDDED
    path = _path(spec)
    if path is not None:
        return _local(path)
    known = find(spec)
    home = known.home if known else spec
    if home in store.names():
        source, receipt = store.source(home), store.receipt(home)
        if source is not None or store.folders(home):
            licence = receipt.licence if receipt else known.licence if known else ""
            return Checkpoint(known.name if known else home, home, source, licence)
    for one in known.sources if known else ():
        cached = hub.cached(one.id) if isinstance(one, Hub) else None
        if known and cached is not None:
            return Checkpoint(known.name, known.home, cached, known.licence)
    raise ModelError(_missing(spec, known))


def _path(spec: str) -> Path | None:
    """The file or folder that `spec` is the path of, or None."""
    try:
        path = Path(spec).expanduser()
        return path if path.exists() else None
    except (OSError, RuntimeError, ValueError):  # Nobody's home directory, a null character.
        return None


def _local(path: Path) -> Path | Checkpoint:
    if path.is_file() and path.suffix == ".onnx":
        path = path.parent
    if path.is_file() and path.suffix.lower() != ".gguf":
        raise ModelError(
            f"{path} is no model: give a folder, a .gguf file, an .onnx file, or a model's name"
        )
    if path.is_dir() and (path / MANIFEST).is_file():
        return path
    files = [path] if path.is_file() else [file for file in path.iterdir() if file.is_file()]
    if path.is_dir() and not (path / "config.json").is_file():
        gguf = [file for file in files if file.suffix.lower() == ".gguf"]
        if len(gguf) != 1:
            manifest(path)  # Tells what a model folder would have.
        return _local(gguf[0])
    return Checkpoint(path.stem if path.is_file() else path.name, store.key(path, files), path)


def _missing(spec: str, known: Known | None) -> str:
    if known is None:
        names = ", ".join(one.name for one in KNOWN)
        return (
            f"there is no model {spec!r}: give 'embedded', a name ({names}), a Hugging Face id, "
            "a folder, or a .gguf file"
        )
    if known.plan is None:
        return (
            f"{spec} is neither a folder here nor a model on this machine: if it is a Hugging Face id, "
            f"`polylsp models pull {spec}` fetches it"
        )
    return (
        f"{spec} is not on this machine: `polylsp models pull {known.name}` "
        f"({known.megabytes} MB, licence {known.licence})"
    )


def _choices(found: Checkpoint, backend: str, weights: str) -> tuple[str, ...]:
    if backend == "gguf" and weights == "auto" and _is_gguf(found):
        return (AS_IT_IS,)
    known = _WEIGHTS[backend]
    if weights not in known:
        raise ModelError(
            f"torch has no {weights} weights: set engine.weights to auto or fp32, or engine.backend to onnx"
        )
    return known[weights]


def _is_gguf(found: Checkpoint) -> bool:
    if found.path is None:
        return (store.home(found.home) / f"gguf-{AS_IT_IS}").is_dir()
    return found.path.is_file()
