"""Fetching from a model hub, through huggingface_hub: its endpoint, token, cache and offline settings apply.

Only what a conversion needs is fetched. Interrupted downloads go on where they stopped; whether the hub
answers at all is known within five seconds.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polylsp.errors import ModelError
from polylsp.models import store

_ATTEMPTS = 5  # At one file.
PATIENCE = 5.0  # Seconds that a source has to answer before the next one is tried.


class SourceError(ModelError):
    """A source that does not answer, or lacks the model; another may have it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a hub says of a model, before anything is downloaded."""

    id: str
    revision: str
    licence: str
    sizes: Mapping[str, int]  # File → bytes; 0 where the hub does not say.
    hashes: Mapping[str, str]  # File → SHA-256, of the files that the hub has one of.

    @property
    def bytes(self) -> int:
        return sum(self.sizes.values())


def ask(model: str, patience: float = PATIENCE) -> Offer:
    """What the hub offers under that id.

    Raises SourceError where it does not answer in time or has no such model, ModelError where it is of no use.
    """
    import huggingface_hub

    api = huggingface_hub.HfApi(endpoint=_endpoint())
    answers: list[Any] = []

    def work() -> None:
        try:
            # Its own timeout only ends the thread: it comes after the one that counts.
            answers.append(api.model_info(model, files_metadata=True, timeout=2 * patience))
        except Exception as error:
            answers.append(error)

    # A hub may answer a byte now and then: only waiting for a thread has a limit that holds.
    asking = threading.Thread(target=work, daemon=True)
    asking.start()
    asking.join(patience)
    if not answers:
        raise SourceError(f"{_where()} did not answer in {patience:.0f} seconds")
    if isinstance(answers[0], Exception):
        raise _explained(model, answers[0]) from answers[0]
    return _offer(model, answers[0])


def fetch(offer: Offer, folder: Path, licence: str) -> store.Receipt:
    """Download what is offered into `folder`, showing progress on standard error; what came, verified.

    Raises SourceError where the connection breaks, ModelError where a file is not what the hub says.
    """
    for name in offer.sizes:
        _download(offer, name, folder)
    hashes = {name: store.sha256(folder / name) for name in offer.sizes}
    for name, wanted in offer.hashes.items():
        if hashes[name] != wanted:
            (folder / name).unlink()
            raise ModelError(
                f"{name} of {offer.id} is not what the hub says it is (its SHA-256 is another): pull again"
            )
    return store.Receipt("hub", offer.id, offer.revision, offer.licence or licence, "", hashes)


def _download(offer: Offer, name: str, folder: Path) -> None:
    """Bring one file; where the connection breaks, go on from there a few times."""
    import huggingface_hub

    for attempt in range(1, _ATTEMPTS + 1):
        try:
            huggingface_hub.hf_hub_download(
                offer.id,
                name,
                revision=offer.revision,
                local_dir=folder,
                endpoint=_endpoint(),
            )
        except Exception as error:
            if attempt == _ATTEMPTS or not _broke(error):
                raise _explained(offer.id, error) from error
        else:
            return


def _broke(error: Exception) -> bool:
    """Whether it was the connection that failed, not the hub that refused."""
    from huggingface_hub import errors

    refusals = (errors.HfHubHTTPError, errors.HFValidationError, errors.OfflineModeIsEnabled)
    return not isinstance(error, refusals) and getattr(error, "errno", None) != errno.ENOSPC


def cached(model: str) -> Path | None:
    """The folder of that model in the hub's own cache on this machine, if it is whole."""
    import huggingface_hub

    try:
        folder = Path(huggingface_hub.snapshot_download(model, local_files_only=True))
    except Exception:  # Not there, or an id that it does not like: either way there is none.
        return None
    weights = [*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]
    return folder if weights and (folder / "config.json").is_file() else None


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT") or None


def _where() -> str:
    return _endpoint() or "the model hub"


_SMALL = (
    *("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"),
    *("vocab.json", "merges.txt", "special_tokens_map.json", "added_tokens.json"),
    *("LICENSE*", "README.md"),
)
# The first kind that a repository has is taken.
_WEIGHTS = (
    ("model.safetensors",),
    ("model-*.safetensors", "model.safetensors.index.json"),
    ("pytorch_model.bin",),
    ("pytorch_model-*.bin", "pytorch_model.bin.index.json"),
)


def _offer(model: str, info: Any) -> Offer:
    files = {one.rfilename: one for one in info.siblings or ()}
    kind = next((kind for kind in _WEIGHTS if _matching(files, kind)), None)
    if kind is None or "config.json" not in files:
        raise ModelError(
            f"{model} holds no weights that polylsp reads (safetensors or pytorch_model.bin beside a "
            "config.json); of a repository of .gguf files, download one and give its path"
        )
    wanted = sorted({*_matching(files, _SMALL), *_matching(files, kind)})
    card = getattr(info, "card_data", None)
    licence = (card.get("license") if card is not None else None) or ""
    hashes = {name: sha for name in wanted if (sha := _sha256(files[name]))}
    sizes = {name: files[name].size or 0 for name in wanted}
    return Offer(model, info.sha or "main", str(licence), sizes, hashes)


def _matching(files: Mapping[str, Any], patterns: tuple[str, ...]) -> list[str]:
    return [name for name in files if any(fnmatch.fnmatchcase(name, one) for one in patterns)]


def _sha256(file: Any) -> str:
    """The hub keeps one of every large file."""
    large = getattr(file, "lfs", None)
    if large is None:
        return ""
    found = large.get("sha256") if isinstance(large, dict) else getattr(large, "sha256", None)
    return str(found or "")


def _explained(model: str, error: Exception) -> ModelError:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return ModelError(
            f"{model} is given only to people who accepted its licence: do so on the hub, "
            "then log in with `hf auth login` and pull again"
        )
    if isinstance(error, errors.RepositoryNotFoundError | errors.HFValidationError):
        return SourceError(
            f"{_where()} has no model {model!r}: is it spelt like that (OWNER/NAME)? "
            "A private one needs `hf auth login`"
        )
    if isinstance(error, errors.OfflineModeIsEnabled):
        return SourceError("HF_HUB_OFFLINE forbids asking the model hub: unset it to pull")
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return ModelError(
            "the disk is full: free some space and pull again, it goes on where it stopped"
        )
    if isinstance(error, errors.HfHubHTTPError):
        return SourceError(f"{_where()} refuses {model}: {_said(error)}")
    return SourceError(
        f"{_where()} cannot be reached ({_said(error)}): is there a network? HF_ENDPOINT names another hub"
    )


def _said(error: BaseException) -> str:
    """What the innermost error says: those around it say where it went through."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return " ".join(str(error).split())[:200] or type(error).__name__
