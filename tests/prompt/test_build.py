from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.completer import snapshot as opened
from polylsp.config import ContextConfig, PromptConfig
from polylsp.context.collect import collect
from polylsp.prompt.build import Builder
from polylsp.prompt.layout import Layout
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.syntax.parser import Trees
from polylsp.types import Chunk, ChunkKind, Context, Cursor, Mode, Snapshot, Span
from tests import golden
from tests.marks import cursor
from tests.prompt.kinds import EMBEDDED, EXACT, KINDS, SPECIAL, kind

SAMPLES = sorted((Path(__file__).parents[1] / "samples").iterdir())
OURS = Layout("<|endoftext|>", ("<|endoftext|>",), "<|path|>", "<|fim_suffix|>", "<|fim_prefix|>")
# Every order there is, with the tokens that all tokenizers here have.
_FILLING = Layout(
    suffix=SPECIAL[2], prefix=SPECIAL[3], middle=SPECIAL[1], use_suffix=True, separator=SPECIAL[0]
)
LAYOUTS = (
    OURS,
    Layout(),
    Layout(start=SPECIAL[0]),
    Layout(path=SPECIAL[1]),
    Layout(path=SPECIAL[1], separator=SPECIAL[1], repository=SPECIAL[0] + "{}"),
    _FILLING,
    replace(_FILLING, suffix_first=False),
    replace(_FILLING, start=SPECIAL[0], path=SPECIAL[0], path_within=True),
    replace(_FILLING, suffix_first=False, path=SPECIAL[0], repository=SPECIAL[1] + "{}\n"),
)


@pytest.mark.parametrize("case", golden.cases("prompt"), ids=lambda case: case.name)
def test_the_prompt_for_real_code(case: golden.Case) -> None:
    [block] = case.given
    language, path, *options = block.info.split()
    budget = next((int(one.partition("=")[2]) for one in options if "=" in one), 400)
    config = PromptConfig(suffix="on" if "suffix" in options else "off")
    place = cursor(block.text + "\n", language, path)
    prompt = _builder(config=config, room=budget).build(_context(place))
    case.check(prompt.text.removesuffix(prompt.healed) + f"⟦{prompt.healed}⟧")


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    """A file of random lines, a cursor in it, and random stretches of whole lines as chunks."""
    line = st.text(st.sampled_from("ab1 (){}\té日😀\u2028\f"), max_size=40)
    lines = [one + "\n" for one in draw(st.lists(line, max_size=40))]
    text = "".join(lines) + draw(line)
    offset = draw(st.integers(0, len(text)))
    starts = [0]
    for one in lines:
        starts.append(starts[-1] + len(one))
    chunks = []
    for _ in range(draw(st.integers(0, 6))):
        first = draw(st.integers(0, len(starts) - 1))
        last = draw(st.integers(first, len(starts) - 1))
        kind_ = draw(st.sampled_from([*ChunkKind][:-1]))
        span = Span(starts[first], starts[last])
        path = "b.py" if kind_ is ChunkKind.NEIGHBOUR else "a.py"
        chunks.append(Chunk(kind_, path, span, span.of(text)))
    path, folder = (
        draw(st.sampled_from(["", "a.py", "é/" * 90])),
        draw(st.sampled_from(["", "/b/"])),
    )
    place = Cursor(Snapshot.of("u", 1, "python", text, path, folder + path), offset)
    near = Chunk(ChunkKind.NEAR, place.snapshot.path, Span(0, offset), place.prefix)
    return Context(place, Mode.LINE, "#", (*chunks, near))


CONFIGS = st.builds(
    PromptConfig,
    budget=st.sampled_from([0, 1, 40, 10_000]),
    context_share=st.sampled_from([0.0, 0.3, 0.8]),
    path=st.booleans(),
    suffix=st.sampled_from(["auto", "on", "off"]),
    suffix_share=st.sampled_from([0.0, 0.2, 0.5]),
    healing=st.booleans(),
)


@pytest.mark.parametrize("name", KINDS)
@given(
    context=contexts(), config=CONFIGS, room=st.integers(1, 300), layout=st.sampled_from(LAYOUTS)
)
def test_a_prompt_fits_its_budget_and_is_never_empty(
    name: str, context: Context, config: PromptConfig, room: int, layout: Layout
) -> None:
    prompt = _builder(name, layout, config, room).build(context)
    assert 1 <= len(prompt.token_ids) <= min(room, config.budget or room)


@pytest.mark.parametrize("name", EXACT)
@given(context=contexts(), config=CONFIGS, room=st.integers(8, 300))
def test_the_token_ids_and_what_was_healed_say_the_text(
    name: str, context: Context, config: PromptConfig, room: int
) -> None:
    prompt = _builder(name, OURS, config, room).build(context)
    tokenizer = kind(name)
    said = "".join(
        next((text for text, id_ in tokenizer.special.items() if id_ == token), "")
        or f"\x00{token}\x00"
        for token in prompt.token_ids
    )
    plain = [int(part) for part in said.split("\x00") if part.isdecimal()]
    assert tokenizer.decode(plain) + prompt.healed == _plain(prompt.text)
    whole = len(prompt.token_ids) > 1 and "\ufffd" not in prompt.text
    if config.healing and context.cursor.prefix and whole:
        assert prompt.healed


@given(context=contexts(), other=contexts(), config=CONFIGS, room=st.integers(1, 300))
def test_a_prompt_is_a_pure_function(
    context: Context, other: Context, config: PromptConfig, room: int
) -> None:
    """No clock, chance, disk or history: not what was built before, nor which version of a file this is."""
    first = _builder("embedded", OURS, config, room)
    prompt = first.build(context)
    first.build(other)
    assert first.build(context) == prompt
    assert _builder("embedded", OURS, config, room).build(context) == prompt
    here = context.cursor.snapshot
    again = Snapshot("elsewhere", 99, here.language, here.text, here.path, "/disk/file", "\r\n")
    place = Cursor(again, context.cursor.offset)
    twin = Context(place, context.mode, context.comment, context.chunks)
    assert first.build(twin) == prompt


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.suffix)
@pytest.mark.parametrize("room", [120, 300, 900])
def test_a_prompt_reads_like_one_file(file: Path, room: int) -> None:
    """Whole lines, in file order, with their own white space; the cursor's own line ends it."""
    text = file.read_text(encoding="utf-8")
    for offset in range(10, len(text), 397):
        place = Cursor(opened("u", 1, "", text, file.name), offset)
        context = _context(place)
        shown = _plain(_builder(room=room).build(context).text).removeprefix(file.name + "\n")
        *lines, last = shown.split("\n")
        assert last == place.line_prefix
        own = {line for chunk in context.chunks for line in chunk.text.split("\n")}
        elided = f"{context.comment} ..."
        assert all(line in own or line.strip() == elided for line in lines)
        # What stands above the cursor stands in its own order.
        at = 0
        for chunk in sorted(context.chunks[:-1], key=lambda chunk: chunk.span.start):
            if chunk.span.end <= place.offset and chunk.text in shown[at:]:
                at = shown.index(chunk.text, at)
        _, mark, near = shown.rpartition(f"{elided}\n")
        assert place.prefix.endswith(near) or not mark


@pytest.mark.parametrize(
    ("file", "suffix"),
    [*((file, "off") for file in SAMPLES), *((file, "on") for file in SAMPLES[:2])],
    ids=lambda value: getattr(value, "suffix", value),
)
def test_prompts_grow_at_the_right(file: Path, suffix: str) -> None:
    """Typing appends; only now and then, in one step, does the start of the prompt move."""
    text = file.read_text(encoding="utf-8")
    start, stop = len(text) // 3, len(text) // 3 + 300
    builder, trees = _builder(config=PromptConfig(suffix=suffix), room=500), Trees()
    prompts = []
    for offset in range(start, stop):
        place = Cursor(opened("u", offset, "", text[:offset] + text[stop:], file.name), offset)
        prompts.append(builder.build(_context(place, trees)).token_ids)
    kept = [_common(before, after) / len(after) for before, after in pairwise(prompts)]
    assert sum(kept) / len(kept) > 0.97
    assert sum(share < 0.8 for share in kept) <= 6


def test_typing_in_a_line_keeps_all_but_the_last_word() -> None:
    text = "".join(f"value_{index} = function({index})\n" for index in range(300))
    builder = _builder(room=300)
    before = builder.build(_bare(cursor(text + "    retu█")))
    for typed in ("retur", "return", "return ", "return v"):
        after = builder.build(_bare(cursor(f"{text}    {typed}█")))
        assert after.token_ids[: len(before.token_ids)] == before.token_ids


def test_the_suffix_stands_before_the_prefix_and_is_the_same_while_typing() -> None:
    builder = _builder(config=PromptConfig(suffix="on"))
    prompts = [
        builder.build(_bare(cursor(f"x = {typed}█)\nprint(x)\n"))) for typed in ("", "(", "(12")
    ]
    heads = {prompt.text.partition("<|fim_prefix|>")[0] for prompt in prompts}
    assert heads == {"<|endoftext|><|path|>file.py\n<|fim_suffix|>)\nprint(x)\n"}
    assert prompts[-1].text.endswith("<|fim_prefix|>x = (12")


@pytest.mark.parametrize(
    ("layout", "setting", "shown"),
    [
        (OURS, "on", True),
        (OURS, "off", False),
        (OURS, "auto", False),
        (
            Layout(*("<|endoftext|>", (), None), "<|fim_suffix|>", "<|fim_prefix|>", True),
            "auto",
            True,
        ),
        (
            Layout(*("<|endoftext|>", (), None), "<|fim_suffix|>", "<|fim_prefix|>", True),
            "off",
            False,
        ),
        (Layout(start="<|endoftext|>"), "on", False),
        (Layout(suffix="<|fim_suffix|>", use_suffix=True), "on", False),
    ],
)
def test_the_suffix_is_shown_only_to_models_that_fill_and_where_wanted(
    layout: Layout, setting: str, shown: bool
) -> None:
    builder = _builder(layout=layout, config=PromptConfig(suffix=setting))
    assert ("print(y)" in builder.build(_bare(cursor("x = █\nprint(y)\n"))).text) is shown


@pytest.mark.parametrize(
    ("layout", "path", "wanted", "shown"),
    [
        (OURS, "src/a.py", True, "<|path|>src/a.py\n"),
        (OURS, "src/a.py", False, ""),
        (OURS, "", True, ""),
        (Layout(), "src/a.py", True, ""),
    ],
)
def test_the_path_is_told_to_models_that_know_paths(
    layout: Layout, path: str, wanted: bool, shown: str
) -> None:
    place = Cursor(Snapshot.of("u", 1, "python", "x = 1", path), 5)
    prompt = _builder(layout=layout, config=PromptConfig(path=wanted)).build(_bare(place))
    assert prompt.text == f"{layout.start or ''}{shown}x = 1"


def test_a_path_that_would_take_much_of_a_small_budget_is_left_out() -> None:
    prompt = _builder(room=20).build(_bare(cursor("x = █", path="a/very/long/path/to/a/file.py")))
    assert prompt.text == "<|endoftext|>x = "


def test_a_setting_can_make_prompts_smaller_but_not_greater() -> None:
    place = cursor("value = function(argument)\n" * 200 + "█")
    for budget, most in ((50, 50), (10_000, 300), (0, 300)):
        prompt = _builder(config=PromptConfig(budget=budget), room=300).build(_bare(place))
        assert most * 0.5 < len(prompt.token_ids) <= most


def test_without_healing_the_last_word_stays() -> None:
    prompt = _builder(config=PromptConfig(healing=False)).build(_bare(cursor("x = retu█")))
    assert prompt.healed == ""
    assert kind("embedded").decode(prompt.token_ids).endswith("x = retu")


def test_healing_never_leaves_a_prompt_without_tokens() -> None:
    builder = _builder(layout=Layout(), config=PromptConfig())
    assert builder.build(_bare(cursor("retu█"))).token_ids
    prompt = builder.build(_bare(cursor("█")))
    assert (prompt.text, len(prompt.token_ids), prompt.healed) == ("\n", 1, "")


def test_a_special_token_in_the_source_or_the_path_is_plain_text() -> None:
    place = cursor("x = '<|endoftext|><|path|>█'\n<|fim_prefix|>\n", path="<|path|>.py")
    prompt = _builder(config=PromptConfig(suffix="on")).build(_bare(place))
    special = set(kind("embedded").special.values())
    assert sum(token in special for token in prompt.token_ids) == 4


def test_no_carriage_return_gets_into_a_prompt() -> None:
    document = opened("u", 1, "c", "int a;\r\nint b;\r\nint c;\r\n", "a.c")
    prompt = _builder(config=PromptConfig(suffix="on")).build(_bare(Cursor(document, 10)))
    assert "\r" not in prompt.text
    assert prompt.text.endswith("<|fim_prefix|>int a;\nint")


def test_what_the_suffix_shows_already_is_not_shown_before() -> None:
    text = "def f():\n    return █\n\n\ndef g():\n    return 2\n"
    place = cursor(text + "\n\n".join(f"def h{i}():\n    return {i}\n" for i in range(60)))
    for suffix, times in (("off", 1), ("on", 1)):
        prompt = _builder(config=PromptConfig(suffix=suffix)).build(_context(place))
        assert prompt.text.count("def g():") == times


@pytest.mark.parametrize(
    "text",
    ["x = [1, 2]\n" * 180_000, "x = [1, 2], " * 160_000, "\n" * 2_000_000, "😀" * 500_000],
    ids=["lines", "one line", "blank", "beyond ASCII"],
)
def test_a_key_in_a_file_of_two_megabytes_costs_what_it_costs_in_a_small_one(text: str) -> None:
    counting = _Counting()
    builder = Builder.of(counting, OURS, PromptConfig(suffix="on"), 900)
    for place in (len(text), len(text) // 2, 0):
        builder.build(_bare(Cursor(Snapshot.of("u", 1, "python", text, "a.py"), place)))
        counting.characters = 0
        builder.build(_bare(Cursor(Snapshot.of("u", 1, "python", text + "y", "a.py"), place)))
        assert counting.characters < 60_000


class _Counting(Tokenizer):
    """Counts the characters that it is given to encode."""

    def __init__(self) -> None:
        super().__init__(EMBEDDED / "tokenizer.json")
        self.characters = 0

    def encode(self, text: str) -> list[int]:
        self.characters += len(text)
        return super().encode(text)


def _builder(
    name: str = "embedded",
    layout: Layout | None = None,
    config: PromptConfig | None = None,
    room: int = 400,
) -> Builder:
    return Builder.of(kind(name), layout or _embedded(), config or PromptConfig(), room)


@cache
def _embedded() -> Layout:
    manifest = json.loads((EMBEDDED / "polylsp.json").read_text(encoding="utf-8"))
    return Layout.parse(manifest["prompt"], kind("embedded").special)


def _context(place: Cursor, trees: Trees | None = None) -> Context:
    """The context of real code."""
    trees = trees or Trees()
    tree = trees.parse(place.snapshot)
    return collect(place, Mode.LINE, tree, [], trees, ContextConfig())


def _bare(place: Cursor) -> Context:
    """A context of near text only."""
    return collect(place, Mode.LINE, None, [], Trees(), ContextConfig())


def _plain(text: str) -> str:
    for special in SPECIAL:
        text = text.replace(special, "")
    return text


def _common(before: tuple[int, ...], after: tuple[int, ...]) -> int:
    pairs = zip(before, after, strict=False)
    return next(
        (count for count, (one, other) in enumerate(pairs) if one != other),
        min(len(before), len(after)),
    )
