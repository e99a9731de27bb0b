"""Converting a checkpoint into the store, once; and what it would need, before that.

The exporter is an extra: it is imported when something is to be converted.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from polylsp.engine.load import FILES, MANIFEST
from polylsp.errors import ModelError
from polylsp.models import memory

if TYPE_CHECKING:
    from polylsp.export.convert import Options

AS_IT_IS = "as-it-is"  # A GGUF file that llama.cpp runs without any conversion.
_NEEDED = "converting a checkpoint needs {}: pip install 'polylsp[export]'"


def needs(source: Path, weights: str) -> int:
    """Bytes of memory that `source` will take once its weights are stored like that. Raises ModelError."""
    if weights == AS_IT_IS:
        return memory.needed_by_files([source])
    try:
        from polylsp.export.checkpoint import load, read_config
        from polylsp.export.families import unsupported
    except ImportError as error:
        raise ModelError(_NEEDED.format(error.name)) from error
    if source.is_dir() and unsupported(read_config(source)):
        files = [*source.glob("*.safetensors"), *source.glob("*.bin")]
        # Most are published with 16 bits a number.
        return memory.needed_by_files(files, memory.BITS[weights] / 16)
    model = load(source, memory.CONTEXT)
    return memory.needed_by(model.shape, model.parameters, weights)


def convert(
    source: Path,
    destination: Path,
    weights: str,
    name: str,
    licence: str,
    say: Callable[[str], None],
) -> None:
    """Write the model folder `destination`, named BACKEND-WEIGHTS; it appears when it is whole.

    Raises ModelError where the extra is missing or the source cannot be converted.
    """
    backend = destination.name.partition("-")[0]
    say(f"converting {name} for {backend}, weights {weights}: once, it may take some minutes")
    try:
        from polylsp.export.convert import Options
        from polylsp.export.dispatch import export
        from polylsp.export.quantise import Format
    except ImportError as error:
        raise ModelError(_NEEDED.format(error.name)) from error
    options = Options(Format(weights), name, licence, memory.CONTEXT)
    write = _adopt if weights == AS_IT_IS else export
    try:
        write(source, destination, backend, options, say)
    except MemoryError as error:
        raise ModelError(
            f"there is no memory to convert {name}: close something, or choose a smaller model"
        ) from error
    except (ModelError, OSError) as error:
        # Another server may have converted the same meanwhile; then its work is as good.
        if (destination / MANIFEST).is_file():
            return
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{destination} cannot be written ({error}): is the disk full?") from error


def _adopt(
    source: Path, destination: Path, backend: str, options: Options, say: Callable[[str], None]
) -> None:
    """A model folder around a GGUF file, which stays where it lies if the file system can link it."""
    from polylsp.export.place import place

    with place(destination) as partial:
        _wrap(source, partial, backend, options)
    say(f"wrote {destination}")


def _wrap(source: Path, folder: Path, backend: str, options: Options) -> None:
    from polylsp.export import checkpoint, vocabulary
    from polylsp.export.convert import Made, finish
    from polylsp.export.families import unsupported

    config = checkpoint.read_config(source)
    context = min(options.context, config.get("max_position_embeddings") or options.context)
    # llama.cpp runs families that the graph builder does not know; their numbers are not counted.
    count = 0 if unsupported(config) else checkpoint.load(source).parameters
    _link(source, folder / FILES[backend])
    tokenizer = vocabulary.write(source, folder)
    made = Made(backend, context, config["vocab_size"], count, [source], tokenizer)
    finish(source, folder, options, made)


def _link(source: Path, link: Path) -> None:
    for attempt in (link.hardlink_to, link.symlink_to):
        try:
            attempt(source.resolve())
        except OSError:  # Another file system, or one without links.
            continue
        return
    shutil.copyfile(source, link)
