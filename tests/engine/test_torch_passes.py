"""Fixed steps compute what passes of any size do; here the steps that a GPU would record are done over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from polylsp.engine.load import manifest
from tests import tinies

if TYPE_CHECKING:
    from polylsp.engine.torch_model import Network
    from polylsp.engine.torch_passes import Steps

pytestmark = pytest.mark.heavy

IDS = np.random.default_rng(4).integers(5, 250, 60).tolist()


@pytest.fixture(scope="module", params=[tinies.NEOX, tinies.MISTRAL], ids=lambda tiny: tiny.name)
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Network:
    from polylsp.engine.backend_torch import TorchWeights

    folder = tinies.exported(tmp_path_factory.mktemp("steps"), request.param, target="torch")
    engine = manifest(folder)["engine"]
    weights = TorchWeights(folder / "model.safetensors", engine, engine["context"], threads=1)
    return weights.network


class Recorded:
    """Stands in for a GPU: does work as it records it, counts it, and does it again."""

    def __init__(self) -> None:
        self.works = 0
        self.again = 0

    def __call__(self, work: Callable[[], None]) -> Callable[[], None]:
        self.works += 1
        work()

        def again() -> None:
            self.again += 1
            work()

        return again


def steps(network: Network, record: Recorded) -> Steps:
    from polylsp.engine.torch_passes import Steps

    return Steps(network, record)


def test_steps_say_what_passes_of_any_size_say(network: Network) -> None:
    import torch

    from polylsp.engine.torch_passes import Passes

    recorded = Recorded()
    with torch.inference_mode():
        plain, fixed = Passes(network), steps(network, recorded)
        start = 0
        for size in (20, 1, 1, 3, 8, 1, 2, 5, 7, 1):
            ids = IDS[start : start + size]
            wanted = plain.run(ids, start, size)
            assert np.abs(fixed.run(ids, start, size) - wanted).max() < 1e-4
            assert fixed.run(ids, start, 1).shape == (1, network.shape.vocab)
            start += size
    # One each of 1, 2, 4 and 8 tokens, over all rows there are.
    assert recorded.works == 4
    assert recorded.again == 2 * 9


def test_a_step_recorded_amid_a_text_leaves_what_was_read(network: Network) -> None:
    import torch

    with torch.inference_mode():
        fixed = steps(network, Recorded())
        fixed.run(IDS[:20], 0, 1)
        first = fixed.run(IDS[20:21], 20, 1).copy()
        assert np.array_equal(fixed.run(IDS[20:21], 20, 1), first)


def test_warm_steps_are_not_recorded_again(network: Network) -> None:
    import torch

    recorded = Recorded()
    with torch.inference_mode():
        fixed = steps(network, recorded)
        fixed.warm()
        warm = recorded.works
        assert warm == 4
        for size in range(1, 9):
            fixed.run(IDS[:size], 0, 1)
    assert recorded.works == warm


def test_steps_reach_over_few_rows_while_few_are_filled() -> None:
    from polylsp.engine.torch_passes import lengths

    assert lengths(96) == [96]
    assert lengths(256) == [256]
    assert lengths(2056) == [256, 512, 1024, 2048, 2056]


def test_a_recording_on_a_gpu_says_what_passes_say(network: Network) -> None:
    import torch

    from polylsp.engine.torch_passes import Passes, Steps, recorder

    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    with torch.inference_mode():
        plain, fixed = Passes(network), Steps(network, recorder())
        fixed.warm()
        for start in range(0, 48, 4):
            wanted = plain.run(IDS[start : start + 4], start, 4)
            assert np.abs(fixed.run(IDS[start : start + 4], start, 4) - wanted).max() < 1e-3
