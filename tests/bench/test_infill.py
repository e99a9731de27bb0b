"""The llama.cpp behind the rivals: what it reads, what it reads again, and where it stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from polylsp.bench.llama import Llama
from polylsp.bench.replay.infill import Infill, Request, common, dedented
from polylsp.bench.replay.llama_worker import Server, loaded
from polylsp.errors import ModelError
from polylsp.prompt.layout import Layout
from polylsp.prompt.tokenizer import Tokenizer
from tests import tinies

_LONG = "".join(f"value{n} = {n} * {n}\n" for n in range(60))
# To this, the tiny model has an answer of two lines.
_TEXT = "norwdmxkzqjebabejqzkxmdwronorwdmxkzqjebabejq"
_PLAIN = Request("a.py", _TEXT, n_predict=24, sure=False)


def test_the_server_stops_at_a_line_that_is_indented_less() -> None:
    assert dedented("a\n    b\n\tc", 1) is None
    assert dedented("a\n    b\n  c\n", 4) == len("a\n    b\n  ")
    # A blank line is one, too.
    assert dedented("a\n    b\n\n", 4) == len("a\n    b\n")
    assert dedented("a\n    b\n  ", 4) is None  # It may go on.
    assert dedented("a\nb", 0) is None


def test_the_common_start_is_what_need_not_be_read() -> None:
    assert common([1, 2, 3], 0, [1, 2, 4], 0) == 2
    assert common([9, 1, 2, 3], 1, [1, 2], 0) == 2
    assert common([], 0, [1], 0) == 0


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random model, as we export it."""
    folder, tiny = tmp_path_factory.mktemp("tiny"), replace(tinies.LLAMA, context=512)
    return tinies.exported(folder, tiny, "f32", target="gguf") / "model.gguf"


@pytest.fixture
def infill(gguf: Path) -> Infill:
    return loaded(gguf, 1, 512, None)


def spelt(gguf: Path, token_ids: list[int]) -> str:
    tokenizer = Tokenizer(gguf.parent / "tokenizer.json")
    names = {id_: name for name, id_ in tokenizer.special.items()}
    return "".join(names.get(id_) or tokenizer.decode([id_]) for id_ in token_ids)


@pytest.mark.heavy
@pytest.mark.llama_cpp
def test_a_prompt_has_the_layout_that_the_weights_were_trained_with(gguf: Path) -> None:
    asked = Request("b.py", "def f(", "):\n    pass\n")
    found = spelt(gguf, loaded(gguf, 1, 512, None).prompt(asked))
    assert found == "<|endoftext|><|path|>b.py\ndef f("
    found = spelt(gguf, loaded(gguf, 1, 512, True).prompt(asked))
    suffix = "<|fim_suffix|>):\n    pass\n"
    assert found == f"<|endoftext|><|path|>b.py\n{suffix}<|fim_prefix|>def f("


@pytest.mark.heavy
@pytest.mark.llama_cpp
@pytest.mark.parametrize(
    ("first", "found"),
    [
        (False, "<|fim_prefix|>def f(<|fim_suffix|>):\n<|fim_middle|>"),
        (True, "<|fim_prefix|><|fim_suffix|>):\n<|fim_middle|>def f("),
    ],
)
def test_other_models_have_theirs(gguf: Path, first: bool, found: str) -> None:
    layout = Layout(
        end=(tinies.END,),
        prefix="<|fim_prefix|>",
        suffix="<|fim_suffix|>",
        middle="<|fim_middle|>",
        suffix_first=first,
    )
    encode = Tokenizer(gguf.parent / "tokenizer.json").encode
    made = Infill(Llama(str(gguf), 512, 1), layout, encode, show_suffix=True)
    assert spelt(gguf, made.prompt(Request("b.py", "def f(", "):\n"))) == found
    assert spelt(gguf, made.prompt(Request("b.py", "def f(", "\n"))) == "def f("


@pytest.mark.heavy
@pytest.mark.llama_cpp
def test_a_long_prefix_is_cut_at_its_start_and_leaves_room_for_the_answer(infill: Infill) -> None:
    asked = Request("a.py", _LONG, n_predict=64)
    answer = infill.answer(asked)
    assert 512 - 64 - 5 <= answer.prompt <= 512 - 64
    assert infill.prompt(asked)[-20:] == infill.prompt(replace(asked, prefix=_LONG[-100:]))[-20:]


@pytest.mark.heavy
@pytest.mark.llama_cpp
def test_what_was_read_is_not_read_again_and_the_answer_is_the_same(infill: Infill) -> None:
    fresh = infill.answer(replace(_PLAIN, reuse=False))
    assert (fresh.reused, fresh.generated) == (0, 24)
    again = infill.answer(_PLAIN)
    assert (again.text, again.reused) == (fresh.text, again.prompt - 1)
    accepted = infill.answer(replace(_PLAIN, prefix=_TEXT + fresh.text[:6]))
    assert accepted.reused >= fresh.prompt - 1
    other = infill.answer(replace(_PLAIN, prefix="x" + _TEXT))
    assert other.reused < 10
    assert infill.answer(_PLAIN).text == fresh.text


@pytest.mark.heavy
@pytest.mark.llama_cpp
def test_a_window_that_slides_is_moved_where_it_is_long(infill: Infill) -> None:
    first = infill.answer(Request("a.py", _LONG, n_predict=64))
    second = infill.answer(Request("a.py", _LONG + "y", n_predict=64))
    assert second.reused == first.prompt - 1
    back = infill.answer(Request("a.py", _LONG, n_predict=64))
    assert back.reused < 20  # The start of it was forgotten.


@pytest.mark.heavy
@pytest.mark.llama_cpp
def test_an_answer_ends_where_it_is_told_to(infill: Infill) -> None:
    asked = replace(_PLAIN, n_predict=200)
    whole = infill.answer(asked).text
    assert "\n" in whole
    line = infill.answer(replace(asked, one_line=True)).text
    assert line == whole.partition("\n")[0]
    assert infill.answer(replace(asked, cap_ms=1e-9)).text == line + "\n"
    assert infill.answer(replace(asked, indent=1)).text == line + "\n"
    assert infill.answer(replace(asked, sure=True)).generated < 20


@pytest.fixture
def server(gguf: Path) -> Iterator[Server]:
    made = Server(gguf, 1, 512)
    yield made
    made.quit()


@pytest.mark.heavy
@pytest.mark.llama_cpp
def test_a_process_answers_and_tells_what_it_took(server: Server, infill: Infill) -> None:
    before = server.cpu_seconds()
    assert server.answer(_PLAIN).text == infill.answer(_PLAIN).text
    assert server.cpu_seconds() > before > 0


@pytest.mark.heavy
@pytest.mark.llama_cpp
def test_without_a_model_folder_llama_cpps_own_tokenizer_counts(gguf: Path, tmp_path: Path) -> None:
    alone = tmp_path / "model.gguf"
    alone.write_bytes(gguf.read_bytes())
    asked = Request("a.py", "def add(a, b):\n")
    assert spelt(gguf, loaded(alone, 1, 512, None).prompt(asked)) == (
        "<|endoftext|><|path|>a.py\ndef add(a, b):\n"
    )


@pytest.mark.heavy
@pytest.mark.llama_cpp
def test_who_has_quit_answers_nobody(server: Server) -> None:
    server.quit()
    with pytest.raises(ModelError, match=r"llama.cpp model.gguf: its process has died"):
        server.answer(_PLAIN)


@pytest.mark.heavy
@pytest.mark.llama_cpp
def test_a_server_that_cannot_load_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"llama.cpp none.gguf: .*cannot load"):
        Server(tmp_path / "none.gguf", 1, 96)
