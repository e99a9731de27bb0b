"""Settings: one tree of frozen dataclasses, one branch a room, and the one parser of them.

camelCase outside, snake_case inside. Every option has its type, default and description here and nowhere
else. Parsing never fails: what cannot be used is reported, and the default stands in for it.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar


def option(
    default: Any,
    description: str,
    *,
    choices: tuple[str, ...] = (),
    between: tuple[float, float] | None = None,
) -> Any:
    """A field of a configuration class, with what people and editors need to know of it."""
    about = {"description": description, "choices": choices, "between": between}
    if isinstance(default, tuple):
        return field(default_factory=lambda: default, metadata=about)
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True)
class ContextConfig:
    neighbours: bool = option(True, "Show the model code from other open files.")
    companion: bool = option(True, "Show a C or C++ source the header beside it, and the reverse.")


@dataclass(frozen=True, slots=True)
class PromptConfig:
    budget: int = option(
        0, "The most tokens of a prompt; 0 for what the model's context allows.", between=(0, 1e6)
    )
    context_share: float = option(
        0.3, "Share of the prompt for imports, outlines and other files.", between=(0, 0.8)
    )
    path: bool = option(True, "Tell the file's path to models that were trained with it.")
    suffix: str = option(
        "auto",
        "Show the text behind the cursor to models that can fill in the middle; "
        "auto: where it was measured to help.",
        choices=("auto", "on", "off"),
    )
    suffix_share: float = option(0.2, "Share of the prompt for the suffix.", between=(0, 0.5))
    healing: bool = option(True, "Let the model finish a word that is only begun at the cursor.")


@dataclass(frozen=True, slots=True)
class EngineConfig:
    backend: str = option(
        "auto",
        "What runs a checkpoint: onnx, torch or gguf (llama.cpp); "
        "auto: torch on a GPU that it can use, else onnx. Model folders say it themselves.",
        choices=("auto", "onnx", "torch", "gguf"),
    )
    weights: str = option(
        "auto",
        "How a checkpoint's matrices are stored; auto: int8, or int4 where memory lacks.",
        choices=("auto", "fp32", "int8", "int4"),
    )
    threads: int = option(
        0, "Threads that compute; 0 for half of the processors, from 2 to 4.", between=(0, 256)
    )
    memory: int = option(
        256, "Megabytes that attention caches of several files may take together.", between=(1, 1e6)
    )
    model_memory: int = option(
        0,
        "Megabytes that the model may take; 0 for what the machine can spare. A model that needs more is "
        "stored in fewer bits, or a smaller one stands in.",
        between=(0, 1e6),
    )
    unload_after: int = option(
        1800,
        "Seconds without a request after which the weights are given back; they are loaded again when "
        "needed. 0 for never.",
        between=(0, 1e6),
    )
    lookup: bool = option(
        True,
        "Draft what repeats the code at hand and check it in one pass: the same answers, sooner.",
    )
    reuse: bool = option(
        True, "Keep what the model has read already. Off only to measure what that is worth."
    )
    ahead: bool = option(
        True,
        "Begin with a suggestion when a key is typed, before the editor asks for it, and with the next one when "
        "one is shown. On battery this rests.",
    )
    warm_up: bool = option(
        True,
        "Read a document when it is opened or shown, and while nothing is typed those that were edited before.",
    )
    budget: int = option(
        400, "Milliseconds that an automatic suggestion may take.", between=(1, 60_000)
    )
    explicit_budget: int = option(
        3000, "Milliseconds that a suggestion may take when asked for by hand.", between=(1, 60_000)
    )


@dataclass(frozen=True, slots=True)
class SuggestConfig:
    confidence: str = option(
        "balanced",
        "How sure the model must be: quiet shows less and is right more often, eager the reverse.",
        choices=("quiet", "balanced", "eager"),
    )
    blocks: bool = option(True, "Suggest more than one line where a block starts.")
    line_tokens: int = option(
        32, "The most tokens of a suggestion within a line.", between=(1, 1000)
    )
    block_tokens: int = option(
        96, "The most tokens of a suggestion of several lines.", between=(1, 1000)
    )
    candidates: int = option(
        3, "How many suggestions to offer when asked by hand.", between=(1, 10)
    )
    syntax: bool = option(True, "Drop suggestions that would break the code's syntax.")
    cache: int = option(500, "How many suggestions to remember; 0 for none.", between=(0, 100_000))


@dataclass(frozen=True, slots=True)
class MemoryConfig:
    enabled: bool = option(
        True, "Let what stands in your own code weigh in on what the model says, token by token."
    )
    workspace: bool = option(
        True,
        "Remember the workspace's files too, in an index on this machine; off: open documents only.",
    )
    learn: bool = option(
        True, "Learn from what is typed how far memory and model are to be trusted."
    )
    dependencies: bool = option(
        False, "Remember the sources of what the project has installed, too."
    )
    megabytes: int = option(
        500,
        "What the indexes of all workspaces may take on disk; the least recently used goes first.",
        between=(1, 1e6),
    )


@dataclass(frozen=True, slots=True)
class LspConfig:
    completion: str = option(
        "auto",
        "Also offer suggestions in the completion list; "
        "auto: for editors that cannot show inline completions.",
        choices=("auto", "on", "off"),
    )
    log: str = option(
        "info",
        "How much to log on standard error. Source text is logged at debug only.",
        choices=("debug", "info", "warning", "error"),
    )


@dataclass(frozen=True, slots=True)
class StatsConfig:
    enabled: bool = option(
        True, "Count what becomes of suggestions, on this machine only; `polylsp stats` shows it."
    )


@dataclass(frozen=True, slots=True)
class Config:
    enabled: bool = option(True, "Suggest at all.")
    automatic: bool = option(True, "Suggest while typing; off: only when asked by hand.")
    model: str = option(
        "embedded",
        "The model: `embedded`, a name that `polylsp models list` shows, a Hugging Face id, a folder, or a "
        ".gguf file.",
    )
    disabled_languages: tuple[str, ...] = option(
        (), "Languages to be silent in: `python`, `cpp`, …"
    )
    context: ContextConfig = field(default_factory=ContextConfig)
    prompt: PromptConfig = field(default_factory=PromptConfig)
    engine: EngineConfig = field(default_factory=EngineConfig)
    suggest: SuggestConfig = field(default_factory=SuggestConfig)
    memory: MemoryConfig = field(default_factory=MemoryConfig)
    lsp: LspConfig = field(default_factory=LspConfig)
    stats: StatsConfig = field(default_factory=StatsConfig)


def parse(settings: object) -> tuple[Config, list[str]]:
    """The configuration that `settings` describe, as far as they can be used, and what could not be.

    `settings` is what an editor sends: nested objects with camelCase keys, or the same flattened with
    dots ("suggest.confidence"). None stands for no settings.
    """
    problems: list[str] = []
    config = _parse(Config, _nested(settings, problems), "", problems)
    # Half a surrogate pair in a setting must not break the log it is reported in.
    return config, [one.encode("utf-8", "backslashreplace").decode() for one in problems]


@dataclass(frozen=True, slots=True)
class Option:
    """One option, for documents, editors' settings and tests."""

    name: str  # As outside: "suggest.blockTokens".
    type: str  # "boolean", "integer", "number", "string" or "array".
    default: Any
    description: str
    choices: tuple[str, ...]
    between: tuple[float, float] | None


def options() -> Iterator[Option]:
    """Every option there is, in order."""
    yield from _options(Config, "")


_Branch = TypeVar("_Branch")
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", tuple[str, ...]: "array"}


def _options(branch: Any, at: str) -> Iterator[Option]:
    types = typing.get_type_hints(branch)
    defaults = branch()
    for one in dataclasses.fields(branch):
        name, kind = at + camel(one.name), types[one.name]
        if dataclasses.is_dataclass(kind):
            yield from _options(kind, name + ".")
        else:
            default = getattr(defaults, one.name)
            yield Option(name, _TYPES[kind], default, **one.metadata)


def camel(name: str) -> str:
    return re.sub("_(.)", lambda match: match.group(1).upper(), name)


def _nested(settings: object, problems: list[str]) -> Mapping[str, Any]:
    if settings is None:
        return {}
    if not isinstance(settings, Mapping):
        problems.append(f"settings must be an object, not {_shown(settings)}")
        return {}
    nested: dict[str, Any] = {}
    for key, value in settings.items():
        *branches, leaf = str(key).split(".")
        at = nested
        for branch in branches:
            if at.get(branch) is None:
                at[branch] = {}
            at = at[branch]
            if not isinstance(at, dict):
                problems.append(f"{key}: {branch} is not a group of settings")
                break
        else:
            old = at.get(leaf)
            if isinstance(value, Mapping):
                at[leaf] = {**(old if isinstance(old, dict) else {}), **value}
            elif value is not None or old is None:
                at[leaf] = value
                if isinstance(old, dict):
                    problems.append(f"{key} is given as a setting and as a group of settings")
    return nested


def _parse(
    branch: type[_Branch], settings: Mapping[str, Any], at: str, problems: list[str]
) -> _Branch:
    types = typing.get_type_hints(branch)
    fields = {camel(one.name): one for one in dataclasses.fields(branch)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in settings.items():
        one = fields.get(str(key))
        if one is None:
            problems.append(f"{at}{key}: there is no such setting{_nearest(at, str(key))}")
            continue
        kind = types[one.name]
        if value is None:
            continue  # How editors send a setting that is not set.
        if dataclasses.is_dataclass(kind):
            if isinstance(value, Mapping):
                values[one.name] = _parse(typing.cast(type, kind), value, f"{at}{key}.", problems)
            else:
                problems.append(f"{at}{key} must be an object, not {_shown(value)}")
            continue
        problem = _problem(kind, value, one.metadata)
        if problem:
            default = getattr(branch(), one.name)
            problems.append(f"{at}{key} {problem}, not {_shown(value)}; using {_shown(default)}")
        else:
            values[one.name] = tuple(value) if kind == tuple[str, ...] else kind(value)
    return branch(**values)


def _problem(kind: object, value: object, about: Mapping[str, Any]) -> str:
    """Why `value` cannot be used, or ""."""
    choices, between = about["choices"], about["between"]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is bool and not isinstance(value, bool):
        return "must be true or false"
    if kind is int and not (number and (isinstance(value, int) or _is_whole(value))):
        return "must be a whole number"
    if kind is float and not number:
        return "must be a number"
    if kind is str and not isinstance(value, str):
        return "must be text"
    if kind == tuple[str, ...]:
        whole = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
        return "" if whole else "must be a list of names"
    if choices and value not in choices:
        return f"must be one of {', '.join(choices)}"
    if between and not between[0] <= typing.cast(float, value) <= between[1]:
        return f"must be between {between[0]:g} and {between[1]:g}"
    return ""


def _is_whole(value: object) -> bool:
    return isinstance(value, float) and value.is_integer()


def _nearest(at: str, key: str) -> str:
    """A hint at what may be meant: a setting of the same group, else one of that name in another."""
    from difflib import get_close_matches

    names = [option.name for option in options()]
    groups = {name.partition(".")[0] for name in names if "." in name}
    here = {name[len(at) :]: name for name in names if at and name.startswith(at)}
    anywhere = {name.rpartition(".")[2]: name for name in names} | {name: name for name in groups}
    for known in (here, anywhere):
        near = get_close_matches(key[:100], known, n=1)
        if near:
            return f" (did you mean {known[near[0]]}?)"
    return ""


def _shown(value: object) -> str:
    """A value as people write it in settings; of a long one, what it is."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list" if value else "[]"
    if value is None or isinstance(value, bool | int | float | str):
        try:
            shown = json.dumps(value, ensure_ascii=False)
        except ValueError:  # A number with more digits than Python wants to print.
            return "a number"
        return shown if len(shown) <= 60 else shown[:57] + "..."
    return f"a {type(value).__name__}"
