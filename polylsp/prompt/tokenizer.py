"""Text to token ids and back, by the bytes of each token.

Special tokens are never read out of source text: a file that spells one is just text. Healing takes the
last, perhaps unfinished, piece off a prompt and says which tokens may stand in its place.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers

from polylsp.errors import ModelError
from polylsp.prompt.families import is_marker

Ids = np.ndarray[Any, np.dtype[np.int64]]

# A piece longer than this is healed in part: every healed token costs a pass of the model.
_MOST_HEALED = 6
_ALONE = "\x1a"  # A character that is in no token with others.
_MOST_CHARACTERS = 400  # How far back the last piece is looked for.


class Tokenizer:
    """The tokenizer a model was trained with."""

    def __init__(self, file: Path) -> None:
        """Read a `tokenizer.json`. Raises ModelError."""
        try:
            text = file.read_text(encoding="utf-8")
            parsed = json.loads(text)
            added = parsed.get("added_tokens") or []
            special = [one for one in added if one["special"] or is_marker(one["content"])]
            self.special = {one["content"]: int(one["id"]) for one in special}
            parsed["added_tokens"] = [one for one in added if one not in special]
            self._tokenizer = tokenizers.Tokenizer.from_str(json.dumps(parsed))
        except Exception as error:
            raise ModelError(f"{file} cannot be read ({error}): install the model again") from error
        # What the ids mean: those of two tokenizers of one fingerprint are the same.
        self.fingerprint = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self._tokenizer.no_truncation()
        byte_level = "ByteLevel" in json.dumps([parsed.get("pre_tokenizer"), parsed.get("decoder")])
        self._bytes = _token_bytes(self._tokenizer.get_vocab(), self.special, byte_level)
        # Token bytes in order, for look-ups by prefix; equal bytes keep the lower id first.
        pairs = sorted((data, id_) for id_, data in enumerate(self._bytes) if data)
        self._sorted = [data for data, _ in pairs]
        self._sorted_ids = np.array([id_ for _, id_ in pairs], np.int64)
        self._longest = max(map(len, self._sorted), default=0)

    @property
    def size(self) -> int:
        """One more than the highest id."""
        return len(self._bytes)

    def encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def encode_on(self, text: str) -> list[int]:
        """The ids of `text` behind other text: without the space that some tokenizers put before all."""
        ids = self.encode(text)
        if self.bytes_of(ids) != b" " + text.encode("utf-8", errors="replace"):
            return ids
        ids = self.encode(_ALONE + text)
        ends = (at for at in range(1, 4) if self.bytes_of(ids[:at]) == b" " + _ALONE.encode())
        return ids[next(ends, 0) :]

    def decode(self, token_ids: Iterable[int]) -> str:
        """The text of `token_ids`; special tokens are nothing, bytes that are no UTF-8 become U+FFFD."""
        return self.bytes_of(token_ids).decode("utf-8", errors="replace")

    def bytes_of(self, token_ids: Iterable[int]) -> bytes:
        """The bytes of `token_ids`; ids beyond the vocabulary have none."""
        size = len(self._bytes)
        return b"".join(self._bytes[id_] for id_ in token_ids if id_ < size)

    def heal(self, text: str, token_ids: Sequence[int]) -> tuple[list[int], str]:
        """Take the last piece of `text` off `token_ids`, which end with it.

        A piece is what the pre-tokenizer keeps together: a word with its space, an indentation. Were it
        finished, it might be other tokens altogether. Returns the ids left, and the text taken off.
        """
        last_line = text.rfind("\n", 0, len(text.rstrip())) + 1
        pieces = self._pieces(text[max(last_line, len(text) - _MOST_CHARACTERS) :])
        wanted = len(pieces[-1].encode()) if pieces else 0
        cut, length = len(token_ids), 0
        while length < wanted and cut > 0 and len(token_ids) - cut < _MOST_HEALED:
            cut -= 1
            length += len(self._bytes[token_ids[cut]])
        for start in range(
            cut, -1, -1
        ):  # A character may be split over tokens: back up to its start.
            try:
                healed = self.bytes_of(token_ids[start:]).decode()
            except UnicodeDecodeError:
                continue
            if text.endswith(healed):
                return list(token_ids[:start]), healed
            break
        return list(token_ids), ""  # A normaliser rewrote the text; leave such models alone.

    def constraint(self, healed: str) -> Callable[[Sequence[int]], Ids | None]:
        """Which ids may come next in an answer that must start with `healed`; None: any.

        Those that say all that is left to say, and the one that the text itself would be encoded with: in
        training nothing else stood there. Where there are none, and in white space, whose last character
        often goes with the word that follows, ids that say a part and leave what other ids can say.
        """
        required = healed.encode("utf-8", errors="replace")
        itself = self._starts(required, self.encode(healed))
        allowed_at: dict[int, Ids] = {}
        for start in range(len(required) - 1, -1, -1):
            rest = required[start:]
            whole = self._beginning_with(rest)
            ends = ((id_, start + len(self._bytes[id_])) for id_ in self._parts(rest))
            parts = [id_ for id_, end in ends if end in allowed_at]
            if whole.size and not rest.isspace() and itself:
                parts = [id_ for id_ in parts if id_ == itself.get(start)]
            ids = np.concatenate([whole, np.array(parts, np.int64)])
            if ids.size:
                allowed_at[start] = ids

        def allowed(answer: Sequence[int]) -> Ids | None:
            return allowed_at.get(len(self.bytes_of(answer)))

        return allowed

    def _starts(self, said: bytes, token_ids: Sequence[int]) -> dict[int, int]:
        """Ids by the byte of `said` that each starts at; empty where `token_ids` say something else.

        Some tokenizers encode a text as if a space stood before it.
        """
        if self.bytes_of(token_ids) != said:
            return {}
        starts: dict[int, int] = {}
        at = 0
        for id_ in token_ids:
            starts[at] = id_
            at += len(self._bytes[id_])
        return starts

    def _beginning_with(self, rest: bytes) -> Ids:
        """Ids that say all of `rest`, and perhaps more."""
        first = bisect_left(self._sorted, rest)
        beyond = bisect_right(self._sorted, rest + b"\xff" * 64, lo=first)
        return self._sorted_ids[first:beyond]

    def _parts(self, rest: bytes) -> Iterator[int]:
        """Ids that say a start of `rest`, but not all of it."""
        for length in range(1, min(len(rest), self._longest + 1)):
            first = bisect_left(self._sorted, rest[:length])
            beyond = bisect_right(self._sorted, rest[:length], lo=first)
            yield from self._sorted_ids[first:beyond].tolist()

    def _pieces(self, text: str) -> list[str]:
        splitter = self._tokenizer.pre_tokenizer
        if splitter is None:
            return [text] if text else []
        return [text[start:end] for _, (start, end) in splitter.pre_tokenize_str(text)]


def _token_bytes(vocab: dict[str, int], special: dict[str, int], byte_level: bool) -> list[bytes]:
    """The bytes of each id; none for special tokens and for ids that stand for nothing."""
    result = [b""] * (1 + max([*vocab.values(), *special.values()]))
    alphabet = _byte_alphabet()
    hidden = set(special.values())
    for token, id_ in vocab.items():
        if id_ in hidden:
            continue
        if byte_level and all(character in alphabet for character in token):
            result[id_] = bytes(alphabet[character] for character in token)
        elif len(token) == 6 and token.startswith("<0x"):  # SentencePiece's byte fallback.
            result[id_] = bytes([int(token[3:5], 16)])
        else:
            result[id_] = token.replace("▁", " ").encode()
    return result


def _byte_alphabet() -> dict[str, int]:
    """The printable characters that stand for bytes in a byte-level vocabulary (Radford et al. 2019)."""
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    alphabet = {chr(byte): byte for byte in shown}
    hidden = (byte for byte in range(256) if byte not in shown)
    return alphabet | {chr(256 + index): byte for index, byte in enumerate(hidden)}
