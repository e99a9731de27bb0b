"""What was expected at places that are typed past by now, and what came there.

Joins text and tokens: the token that came is found in the prompt of a later cursor, by the bytes between the two
places. Belongs to the engine thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from polylsp.engine.mix import Mixed
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.types import Cursor, Prompt

_PLACES = 16  # Not typed past yet; each holds what the model said of every token.
_FARTHEST = 64  # Tokens that a prompt is looked back through.


class Hindsight:
    """Used with every prompt, in the order in which they are made."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._expected: OrderedDict[tuple[str, int], tuple[str, Mixed]] = OrderedDict()

    def expect(self, cursor: Cursor, prompt: Prompt, mixed: Mixed) -> None:
        """Note what is thought to come at the end of the prompt's text."""
        prefix = _said(cursor, prompt)
        key = (cursor.snapshot.uri, len(prefix))
        self._expected.pop(key, None)
        self._expected[key] = (prefix, mixed)
        while len(self._expected) > _PLACES:
            self._expected.popitem(last=False)

    def came(self, cursor: Cursor, prompt: Prompt) -> Iterator[tuple[Mixed, int]]:
        """Every expectation that `cursor` is past, with the token that came; each only once.

        What stands before the cursor must really have been typed. A place where a token of the prompt does
        not start, or with other text before it, tells nothing.
        """
        prefix, uri = _said(cursor, prompt), cursor.snapshot.uri
        past = [key for key in self._expected if key[0] == uri and key[1] < len(prefix)]
        starts = self._starts(prompt) if past else {}
        for key in past:
            before, mixed = self._expected.pop(key)
            if prefix.startswith(before):
                token = starts.get(len(prefix[key[1] :].encode("utf-8", "replace")))
                if token is not None:
                    yield mixed, token

    def clear(self) -> None:
        self._expected.clear()

    def _starts(self, prompt: Prompt) -> dict[int, int]:
        """The last tokens of the prompt's text, by how many bytes from its end they start."""
        end = len(prompt.token_ids) - prompt.behind
        starts: dict[int, int] = {}
        length = 0
        for token in reversed(prompt.token_ids[max(0, end - _FARTHEST) : end]):
            length += len(self._tokenizer.bytes_of([token]))
            starts[length] = token
        return starts


def _said(cursor: Cursor, prompt: Prompt) -> str:
    """The text before the cursor, as far as the prompt's tokens say it."""
    prefix = cursor.prefix
    return prefix[: len(prefix) - len(prompt.healed)]
