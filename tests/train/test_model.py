"""The model, its attention, its loss and its optimiser, each against what is known to be right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from polylsp.errors import PolyError
from polylsp.train.config import Shape, Training

pytestmark = pytest.mark.heavy

SHAPE = Shape(2, 32, 2, 24, 50)


def _model(shape: Shape = SHAPE, way: str = "documents") -> Any:
    import torch

    from polylsp.train.model import NeoX

    torch.manual_seed(1)
    model = NeoX(shape, way)
    for one in model.parameters():  # So large that a part in the wrong place shows.
        torch.nn.init.normal_(one, std=0.3)
    return model


def _batch() -> tuple[Any, Any, Any, Any]:
    """Two windows, of two documents and of one."""
    import torch

    tokens, targets = torch.randint(0, 50, (2, 2, 12), generator=torch.manual_seed(2)).unbind(0)
    documents = torch.tensor([[1] * 5 + [2] * 7, [3] * 12])
    weights = torch.ones(2, 12)
    weights[0, 4] = 0
    weights[1, :6] = 0.5
    return tokens, documents, targets, weights


@pytest.mark.parametrize("tied", [True, False])
def test_logits_are_those_of_transformers(tied: bool, tmp_path: Path) -> None:
    """From files: some versions call tensors otherwise in memory."""
    import torch
    from safetensors.torch import save_file
    from transformers import GPTNeoXForCausalLM

    from polylsp.train.to_hf import config

    shape = Shape(2, 32, 2, 24, 50, tied)
    model = _model(shape)
    save_file(model.state_dict(), tmp_path / "model.safetensors", {"format": "pt"})
    (tmp_path / "config.json").write_text(json.dumps(config(shape)), encoding="utf-8")
    reference = GPTNeoXForCausalLM.from_pretrained(tmp_path).eval()
    tokens = _batch()[0]
    with torch.no_grad():
        assert torch.allclose(model.logits(tokens), reference(tokens).logits, atol=1e-5)


@pytest.mark.filterwarnings("ignore:flex_attention called without")
def test_every_way_of_attention_gives_the_same_loss() -> None:
    import torch

    from polylsp.train.attention import WAYS

    with torch.no_grad():
        first, *others = (_model(way=way)(*_batch()) for way in WAYS)
    assert len(others) == 2
    for other in others:
        assert torch.allclose(first, other, rtol=1e-5)


def test_a_mask_gives_the_gradients_that_document_by_document_gives() -> None:
    """Compiled blocks know no gradients on a processor."""
    import torch

    found = []
    for one in ("documents", "mask"):
        model = _model(way=one)
        loss = model(*_batch())
        loss.backward()
        found.append((loss.detach(), [parameter.grad for parameter in model.parameters()]))
    (_, gradients), (_, others) = found
    for gradient, other in zip(gradients, others, strict=True):
        assert torch.allclose(gradient, other, atol=1e-4)


def test_half_precision_gives_nearly_the_same() -> None:
    import torch

    found = []
    for half in (False, True):
        model = _model()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            loss = model(*_batch())
        loss.backward()
        gradients = torch.cat([one.grad.flatten() for one in model.parameters()])
        assert gradients.dtype == torch.float32
        found.append((float(loss.detach()), gradients))
    (exact, wanted), (near, gradients) = found
    assert near == pytest.approx(exact, rel=0.03)
    assert torch.cosine_similarity(wanted, gradients, dim=0) > 0.98


def test_no_document_sees_another() -> None:
    import torch

    model = _model()
    tokens, documents, targets, weights = _batch()
    weights = torch.zeros_like(weights)
    weights[0, 6] = 1
    before = model(tokens, documents, targets, weights)
    tokens[0, :5] = 7
    tokens[1] = 7
    assert torch.equal(model(tokens, documents, targets, weights), before)
    tokens[0, 5] = 7
    assert not torch.equal(model(tokens, documents, targets, weights), before)


def test_the_loss_and_its_gradients_are_those_of_cross_entropy() -> None:
    import torch

    from polylsp.train.loss import losses, summed_loss

    torch.manual_seed(0)
    hidden = torch.randn(600, 16, requires_grad=True)
    head = torch.randn(40, 16, requires_grad=True)
    targets, weights = torch.randint(0, 40, (600,)), torch.rand(600)
    each = torch.nn.functional.cross_entropy(hidden @ head.T, targets, reduction="none")
    wanted = torch.autograd.grad(3 * (each * weights).sum(), (hidden, head))
    found = summed_loss(hidden, head, targets, weights)
    assert torch.allclose(found, (each * weights).sum(), rtol=1e-5)
    assert torch.allclose(losses(hidden, head, targets), each, atol=1e-4)
    for one, other in zip(torch.autograd.grad(3 * found, (hidden, head)), wanted, strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_what_is_known_already_is_learnt_from_by_a_part_that_stands_for_all() -> None:
    import torch

    from polylsp.train.loss import summed_loss

    torch.manual_seed(0)
    head = torch.randn(40, 16, requires_grad=True)
    rows = torch.randn(200, 16) * 2
    hidden = rows.repeat_interleave(4, 0).requires_grad_()
    best = (rows @ head.T).argmax(1)  # Some are surer of it than 0.5.
    targets, weights = best.repeat_interleave(4), torch.rand(200).repeat_interleave(4)
    exact, found = (summed_loss(hidden, head, targets, weights, sure) for sure in (1.0, 0.5))
    assert torch.equal(exact, found)
    wanted, whole = torch.autograd.grad(exact, (hidden, head))
    part, other = torch.autograd.grad(found, (hidden, head))
    assert torch.allclose(other, whole, atol=1e-4)
    groups, sums = (one.view(200, 4, 16).sum(1) for one in (part, wanted))
    assert torch.allclose(groups, sums, atol=1e-4)
    left_out = (part == 0).all(1).float().mean()
    assert 0.3 < left_out < 0.75


@pytest.mark.parametrize("size", [(3, 24, 24), (2, 48, 16), (2, 16, 48)])
def test_a_matrix_is_made_orthogonal(size: tuple[int, int, int]) -> None:
    import torch

    from polylsp.train.optimise import orthogonal

    torch.manual_seed(0)
    matrices = torch.randn(size)
    found = orthogonal(matrices)
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.1
    assert values.max() < 1.4
    u, _, v = torch.linalg.svd(matrices, full_matrices=False)
    nearest = u @ v
    alike = (found * nearest).sum((1, 2)) / (found.norm(dim=(1, 2)) * nearest.norm(dim=(1, 2)))
    assert alike.min() > 0.95


def test_adamw_is_torchs() -> None:
    import torch

    from polylsp.train.optimise import Optimiser

    training = Training(9, 64, 64, 0.01, weight_decay=0.1, beta=0.98)
    ours = torch.randn(6, 5, generator=torch.manual_seed(0)).requires_grad_()
    theirs = ours.detach().clone().requires_grad_()
    optimiser = Optimiser({"w": ours}, training, 1)
    reference = torch.optim.AdamW([theirs], 0.01, (0.9, 0.98), weight_decay=0.1)
    for number in range(5):
        for one in (ours, theirs):
            one.grad = (one.detach() * (number - 2)).cos()
        optimiser.step(1.0, number + 1)
        reference.step()
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_query_key_and_value_are_three_matrices_to_muon() -> None:
    import torch

    from polylsp.train.optimise import Optimiser, orthogonal

    name = "gpt_neox.layers.0.attention.query_key_value.weight"
    one = torch.zeros(24, 8, requires_grad=True)
    optimiser = Optimiser({name: one}, Training(9, 64, 64, 0.01, matrix_rate=0.5), heads=2)
    one.grad = torch.randn(24, 8, generator=torch.manual_seed(0))
    by_head = one.grad.clone().view(2, 3, 4, 8)
    optimiser.step(1.0, 1)
    for number in range(3):
        wanted = orthogonal(by_head[:, number].reshape(1, 8, 8))[0]
        found = one.detach().view(2, 3, 4, 8)[:, number].reshape(8, 8)
        assert torch.allclose(found, -0.5 * wanted, atol=1e-4)


@pytest.mark.parametrize("context", [64, 2048])
def test_a_model_that_knows_nothing_needs_all_bits_of_a_token(shards: Path, context: int) -> None:
    import math

    from polylsp.prompt.tokenizer import Tokenizer
    from polylsp.train.model import NeoX
    from polylsp.train.shards import VALIDATION, load
    from polylsp.train.validate import Validation

    model = NeoX(Shape(1, 32, 2, context, 16_384))
    found = Validation(shards, context).measure(model)
    assert found.keys() == {"c", "cpp", "python", "mean"}
    tokens, records = load(shards, VALIDATION)
    starts = [*records["start"].tolist(), len(tokens)]
    read, size = 0, 0
    for language, start, end in zip(records["language"], starts, starts[1:], strict=False):
        if language == 0:
            ids = tokens[start + 1 : end][:context].tolist()
            read += len(ids)
            size += len(Tokenizer(shards / "tokenizer.json").bytes_of(ids))
    assert found["c"] == pytest.approx(math.log2(16_384) * read / size, rel=0.02)


def test_a_model_of_another_shape_is_not_started_from(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from polylsp.errors import PolyError
    from polylsp.train import checkpoint

    state = {name: one.contiguous() for name, one in _model().state_dict().items()}
    save_file(state, tmp_path / "model.safetensors")
    sizes = {name: tuple(one.shape) for name, one in state.items()}
    assert checkpoint.start(tmp_path, sizes).keys() == state.keys()
    with pytest.raises(PolyError, match="embed_in"):
        checkpoint.start(tmp_path, sizes | {"gpt_neox.embed_in.weight": (60, 32)})


def test_what_ships_is_a_start() -> None:
    """The embedded model's graph, and this program with the weights out of it, say the same of code."""
    import torch

    from polylsp.config import parse
    from polylsp.models.registry import load_model
    from polylsp.models.resolve import EMBEDDED
    from polylsp.train import checkpoint
    from polylsp.train.config import load
    from polylsp.train.model import NeoX

    model = NeoX(load("mini").model, "documents")
    wanted = {name: tuple(one.shape) for name, one in model.state_dict().items()}
    model.load_state_dict(checkpoint.start(EMBEDDED, wanted))
    shipped = load_model("embedded", parse({})[0].engine)
    text = Path(__file__).read_text(encoding="utf-8")
    ids = [0, *shipped.tokenizer.encode(text)[:300]]
    said = shipped.weights.tape().score(ids)
    with torch.no_grad():
        logprobs = model.logits(torch.tensor([ids]))[0, :-1].log_softmax(-1)
    ours = logprobs[torch.arange(len(said)), torch.tensor(ids[1:])].numpy()
    assert abs(float(ours.mean() - said.mean())) < 0.02
    assert float(ours.mean()) > -4  # Were a matrix in the wrong order, it would be -9 and less.


def test_what_is_no_model_is_no_start(tmp_path: Path) -> None:
    from polylsp.train import checkpoint

    with pytest.raises(PolyError, match=r"neither \.safetensors files nor a graph"):
        checkpoint.start(tmp_path, {})
