"""What is asked of the model: Context → Prompt → Completion → Draft.

Here text meets token ids: the engine is told by functions of ids when to stop, and what it said becomes text
again. Time is a budget of milliseconds, so a fast machine says more in it. Belongs to the engine thread.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from polylsp.config import Config
from polylsp.engine.backend import CHUNK
from polylsp.engine.generate import Limits, generate, never
from polylsp.engine.learn import Learner
from polylsp.engine.memory import Memory
from polylsp.engine.recall import Recall
from polylsp.engine.sample import GREEDY, Sampling
from polylsp.engine.session import Sessions, common
from polylsp.hindsight import Hindsight
from polylsp.models.registry import Model
from polylsp.prompt.build import Builder
from polylsp.suggest import scope
from polylsp.suggest.calibration import Calibration
from polylsp.suggest.refine import thresholds
from polylsp.types import Completion, Context, Cursor, Draft, Finish, Mode, Prompt

_OTHER_CANDIDATES = Sampling(temperature=0.8, top_p=0.95)
_HEALING_TOKENS = 8  # Beyond the answer's own, for what healing has the model say again.
# Tokens of a prompt that a pass reads where nobody waits: whoever comes then waits for one pass at the most.
_UNAWAITED_PASS = 32


@dataclass(frozen=True, slots=True)
class Wish:
    """How an answer is asked for."""

    explicit: bool = False  # By hand: anything is better than silence.
    awaited: bool = True  # Somebody waits for it.
    cancelled: Callable[[], bool] = never
    said: Callable[[str], object] = never  # Hears the first candidate's text as it grows.


class Generation:
    """One model under one set of settings, and what it has read."""

    def __init__(self, model: Model, config: Config, learner: Learner) -> None:
        self.model = model
        self._config = config
        self._learner = learner
        self._hindsight = Hindsight(model.tokenizer)
        answer = max(config.suggest.line_tokens, config.suggest.block_tokens)
        n_ctx = model.weights.n_ctx
        room = max(n_ctx // 2, n_ctx - answer - _HEALING_TOKENS)
        self._builder = Builder.of(model.tokenizer, model.layout, config.prompt, room)
        self.sessions = Sessions(model.weights, config.engine.memory * 2**20, config.engine.reuse)

    @property
    def calibration(self) -> Calibration:
        """Of what is said: with memory other probabilities come out than without."""
        model = self.model
        return model.mixture.calibration if self._config.memory.enabled else model.calibration

    def build(self, context: Context) -> Prompt:
        """What the model is given."""
        return self._builder.build(context)

    def read(self, prompts: Sequence[Prompt], cancelled: Callable[[], bool]) -> None:
        """Have the model read what `prompts` begin with, all of them: it will be asked what begins so, too.

        Raises BackendError and ModelError.
        """
        first, *others = (prompt.token_ids for prompt in prompts)
        shared = first[: min((common(first, other) for other in others), default=len(first))]
        if shared:
            self.model.weights.reload()
            self.sessions.session(shared).read(shared, cancelled, _UNAWAITED_PASS)

    def answer(
        self, prompt: Prompt, context: Context, wish: Wish, memory: Memory | None = None
    ) -> list[Completion]:
        """What the model says to a prompt made of `context`, with what `memory` knows mixed in.

        Several candidates where asked by hand. Raises BackendError and ModelError.
        """
        self.model.weights.reload()
        engine, block = self._config.engine, context.mode is Mode.BLOCK
        floor = scope.floor(context.cursor)
        completions: list[Completion] = []

        def stop(answer: Sequence[int]) -> bool:
            text = self._text(answer, prompt)
            if not completions:
                wish.said(text)
            return scope.ended(text, context.mode, floor, wish.explicit)

        session, limits = self.sessions.session(prompt.token_ids), self._limits(context.mode, wish)
        count = self._config.suggest.candidates if wish.explicit else 1
        recalls = [self._recall(memory, prompt) for _ in range(count)]
        for index, recall in enumerate(recalls):
            completions.append(
                generate(
                    session,
                    prompt.token_ids,
                    limits,
                    stop=stop,
                    allowed=self.model.tokenizer.constraint(prompt.healed),
                    cancelled=wish.cancelled,
                    sampling=replace(_OTHER_CANDIDATES, seed=index) if index else GREEDY,
                    # A line is over before a guess pays.
                    lookup=engine.lookup and block,
                    hurried=not block,
                    recall=recall,
                )
            )
            if completions[-1].finish in (Finish.CANCELLED, Finish.DEADLINE):
                break
        if recalls[0] is not None and recalls[0].first is not None:
            self._hindsight.expect(context.cursor, prompt, recalls[0].first)
        return completions

    def learn(self, cursor: Cursor, prompt: Prompt) -> None:
        """Have what was typed until `cursor` tell how far memory and model are to be trusted."""
        if self._config.memory.learn:
            for mixed, token in self._hindsight.came(cursor, prompt):
                self._learner.learn(mixed, token)

    def decode(self, completion: Completion, prompt: Prompt) -> Draft:
        """A completion as text at the cursor."""
        ids = completion.token_ids
        ends = tuple(len(self._text(ids[:count], prompt)) for count in range(1, len(ids) + 1))
        text, said = self._text(ids, prompt), completion
        return Draft(text, ends, said.logprobs, said.finish, said.recalled, said.origin)

    def _recall(self, memory: Memory | None, prompt: Prompt) -> Recall | None:
        if memory is None:
            return None
        end = len(prompt.token_ids) - prompt.behind
        fitted, learnt = self.model.mixture.gate, self._learner.gate
        gate = learnt if self._config.memory.learn else fitted
        return Recall(memory, gate, prompt.token_ids[:end])

    def _limits(self, mode: Mode, wish: Wish) -> Limits:
        """How far the model may go. Where nobody waits it may take its time to read the prompt."""
        suggest, engine = self._config.suggest, self._config.engine
        seconds = (engine.explicit_budget if wish.explicit else engine.budget) / 1000
        return Limits(
            tokens=(suggest.block_tokens if mode is Mode.BLOCK else suggest.line_tokens)
            + _HEALING_TOKENS,
            end_ids=frozenset(self.model.tokenizer.special[one] for one in self.model.layout.end),
            floor=-math.inf if wish.explicit else self._floor(mode),
            deadline=time.monotonic() + seconds if wish.awaited else math.inf,
            decoding=seconds,
            pass_tokens=CHUNK if wish.awaited else _UNAWAITED_PASS,
        )

    def _floor(self, mode: Mode) -> float:
        """The cumulative log-probability under which nothing could be shown."""
        confidence, memory = self._config.suggest.confidence, self._config.memory.enabled
        threshold = thresholds(memory=memory)[confidence]
        return math.log(self.calibration.raw(threshold, mode))

    def _text(self, answer: Sequence[int], prompt: Prompt) -> str:
        """The text that `answer` adds at the cursor: without what healing had taken off before it."""
        said = self.model.tokenizer.bytes_of(answer)
        return said[len(prompt.healed.encode()) :].decode("utf-8", errors="ignore")
