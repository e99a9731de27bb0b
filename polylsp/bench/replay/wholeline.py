"""The plain way, as a baseline: greedily to the line's end, all of it shown, however unsure, nothing filtered.

The same model reads the same prompt; what differs is what polylsp does with the answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from polylsp.bench.replay.pieces import Piece
from polylsp.bench.replay.steady import Offer
from polylsp.completer import Completer, snapshot
from polylsp.config import Config
from polylsp.engine.generate import Limits, generate
from polylsp.engine.session import Sessions
from polylsp.types import Cursor, Prompt, Silence

_HEALING = 8  # Tokens that healing may have the model say again.


class WholeLine:
    """Asked at every key, in this process."""

    def __init__(self, completer: Completer, config: Config) -> None:
        self._completer, self._config = completer, config
        self._model = completer.model
        self._sessions = Sessions(self._model.weights, config.engine.memory * 2**20)
        self._piece: Piece | None = None
        self._text = ""
        self._rest = ""  # Of what was shown; what is typed through stays.

    def open(self, piece: Piece) -> None:
        self._piece, self._text, self._rest = piece, piece.opened, ""

    def put(self, at: int, text: str) -> None:
        self._text = self._text[:at] + text + self._text[at:]
        self._rest = self._rest[len(text) :] if self._rest.startswith(text) else ""

    def ask(self, at: int) -> Offer:
        assert self._piece is not None
        if not self._rest:
            path = self._piece.file.name
            taken = snapshot(self._piece.uri, 0, "", self._text, path)
            prompt = self._completer.prompt(Cursor(taken, at))
            self._rest = "" if isinstance(prompt, Silence) else self._line(prompt)
        return Offer(self._rest if self._rest.strip() else "")

    def close(self) -> None:
        self._completer.forget(self._piece.uri if self._piece else "")

    def _line(self, prompt: Prompt) -> str:
        tokenizer, end = self._model.tokenizer, self._model.layout.end

        def text(answer: Sequence[int]) -> str:
            said = tokenizer.bytes_of(answer)[len(prompt.healed.encode()) :]
            return said.decode("utf-8", errors="ignore")

        completion = generate(
            self._sessions.session(prompt.token_ids),
            prompt.token_ids,
            Limits(
                self._config.suggest.line_tokens + _HEALING,
                frozenset(tokenizer.special[token] for token in end),
            ),
            stop=lambda answer: "\n" in text(answer),
            allowed=tokenizer.constraint(prompt.healed),
            hurried=True,
        )
        return text(completion.token_ids).partition("\n")[0].rstrip()
