"""The training program, from the first line to the last.

One process on a processor or a GPU; several where accelerate or torchrun started them: each then takes its part
of every batch, and accelerate averages the gradients.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from polylsp.errors import PolyError
from polylsp.train import attention, checkpoint, schedule, shards
from polylsp.train.checkpoint import State
from polylsp.train.config import Configuration, Training
from polylsp.train.log import Log
from polylsp.train.model import NeoX
from polylsp.train.optimise import Optimiser
from polylsp.train.shards import Batch, Stream
from polylsp.train.validate import Validation


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be trained, and where."""

    configuration: Configuration
    shards: Path
    folder: Path
    start: Path | None = None  # A Hugging Face folder whose weights are gone on from.
    steps: int = 0  # To do now at the most; 0: all that are left.
    threads: int = 0  # 0: as torch likes.
    device: str = ""  # "cpu", or "": a GPU where there is one.
    say: Callable[[str], None] = lambda _: None
    stopping: Callable[[], bool] = lambda: False  # Asked after each step.


def train(run: Run) -> State:
    """Go on from the newest checkpoint in the folder, or start; how far it is when it ends.

    Raises PolyError where something is missing, or does not go together.
    """
    from accelerate import Accelerator
    from accelerate.utils import DistributedDataParallelKwargs as Options

    training, shape = run.configuration.training, run.configuration.model
    if run.threads:
        torch.set_num_threads(run.threads)
    torch.manual_seed(training.seed)
    torch.set_float32_matmul_precision("high")
    half = training.precision == "bf16"
    accelerator = Accelerator(
        mixed_precision="bf16" if half else "no",
        cpu=run.device == "cpu",
        kwargs_handlers=[Options(gradient_as_bucket_view=True)],
    )
    stream = Stream(run.shards)
    _check(run, stream, accelerator.num_processes)
    validation = Validation(run.shards, shape.context)
    kind = accelerator.device.type
    way = attention.way_of(kind, training.compiled)
    plain = NeoX(shape, way, training.sure).to(accelerator.device)
    parameters = dict(plain.named_parameters())
    optimiser = Optimiser(parameters, training, shape.heads)
    log = Log(run.folder, run.say, accelerator.is_main_process)
    state = _resume(run, plain, optimiser)
    last = training.steps if not run.steps else min(training.steps, state.step + run.steps)
    if training.compiled:
        plain.gpt_neox.compile()
    model = accelerator.prepare_model(plain)
    if accelerator.is_main_process:
        _begin(run)
    count = sum(map(torch.numel, parameters.values()))
    log.add("begin", step=state.step, device=kind, parameters=count, start=str(run.start or ""))

    saved = time.perf_counter()
    since, summed = state, 0.0
    ends = state.step >= last
    while not ends:
        began = time.perf_counter()
        length = schedule.length(training, state.step, shape.context)
        batch = stream.batch(state.at, training.batch, length, training.prefix_weight)
        weight = max(1.0, float(batch.weights.sum()))
        parts = _parts(batch, training.at_once, accelerator)
        loss = torch.zeros((), device=accelerator.device)
        for number, part in enumerate(parts, 1):
            waits = number < len(parts) and accelerator.num_processes > 1
            with model.no_sync() if waits else nullcontext(), accelerator.autocast():
                wrong = model(*part)
                # Processes' gradients are averaged, so each counts as often as there are processes.
                accelerator.backward(wrong * (accelerator.num_processes / weight))
            loss += wrong.detach()
        norm = optimiser.clip()
        optimiser.step(schedule.share(training, state.step), state.updates + 1)
        told = torch.stack([loss, torch.tensor(float(run.stopping()), device=loss.device)])
        loss_of_all, stopping = accelerator.reduce(told).tolist()
        now = time.perf_counter()
        summed += loss_of_all / weight
        state = State(
            state.step + 1,
            state.updates + 1,
            (state.at + training.batch) % stream.size,
            state.tokens + training.batch,
            state.seconds + now - began,
        )
        ends = state.step == last or stopping > 0
        if state.step % training.log == 0 or ends:
            log.add("step", **_told(training, since, state, summed, norm, length))
            since, summed = state, 0.0
        if state.step % training.validate == 0 or state.step == training.steps:
            found = validation.measure(plain) if accelerator.is_main_process else {}
            if found:
                log.add("validation", step=state.step, tokens=state.tokens, bits_per_byte=found)
        if (ends or now - saved > 60 * training.save_minutes) and accelerator.is_main_process:
            checkpoint.save(run.folder, state, plain.state_dict(), optimiser.state)
            saved = time.perf_counter()
    log.add("end", step=state.step, tokens=state.tokens, seconds=round(state.seconds, 1))
    accelerator.end_training()
    return state


def _check(run: Run, stream: Stream, processes: int) -> None:
    training, shape = run.configuration.training, run.configuration.model
    if stream.manifest["vocabulary"] > shape.vocabulary:
        raise PolyError(
            f"{run.shards} has {stream.manifest['vocabulary']} different tokens, the model "
            f"{shape.vocabulary}: raise model.vocabulary, or make tokens with another tokenizer"
        )
    if training.batch % (training.at_once * processes):
        raise PolyError(
            f"{training.batch} tokens a step cannot be shared by {processes} processes that take "
            f"{training.at_once} at once: change training.batch or training.at_once"
        )


def _resume(run: Run, model: NeoX, optimiser: Optimiser) -> State:
    """Put the newest checkpoint into the model and the optimiser; or what it starts from."""
    place = checkpoint.newest(run.folder)
    if place is None:
        if run.start:
            wanted = {name: tuple(one.shape) for name, one in model.state_dict().items()}
            model.load_state_dict(checkpoint.start(run.start, wanted))
        return State()
    state, weights, past = checkpoint.load(place)
    try:
        model.load_state_dict(weights)
        with torch.no_grad():
            for name, one in optimiser.state.items():
                one.copy_(past[name])
    except (RuntimeError, KeyError) as error:
        raise PolyError(
            f"{place} is of another model or optimiser: go on with the configuration it was made with"
        ) from error
    return state


def _begin(run: Run) -> None:
    """Keep what the run is about beside its checkpoints."""
    checkpoint.write_configuration(run.folder, run.configuration, run.shards)
    shutil.copyfile(run.shards / shards.TOKENIZER, run.folder / shards.TOKENIZER)


def _parts(batch: Batch, at_once: int, accelerator: Any) -> list[tuple[Any, ...]]:
    """This process's windows, as many at a time as a device takes: what the model is called with."""
    arrays = (batch.tokens, batch.documents, batch.targets, batch.weights)
    windows, length = batch.tokens.shape
    own = windows // accelerator.num_processes
    first = own * accelerator.process_index
    step = at_once // length
    return [
        tuple(torch.from_numpy(one[at : at + step]).to(accelerator.device) for one in arrays)
        for at in range(first, first + own, step)
    ]


def _told(
    training: Training, since: State, state: State, summed: float, norm: float, length: int
) -> dict[str, Any]:
    steps, seconds = state.step - since.step, state.seconds - since.seconds
    return {
        "step": state.step,
        "steps": training.steps,
        "tokens": state.tokens,
        "loss": round(summed / steps, 4),
        "rate": round(training.rate * schedule.share(training, state.step - 1), 6),
        "norm": round(norm, 3),
        "length": length,
        "tokens_per_second": round(steps * training.batch / seconds, 1),
        "left_hours": round((training.steps - state.step) * seconds / steps / 3600, 2),
        "seconds": round(state.seconds, 1),
    }
