"""The house's rules about the code itself: who may import whom, and what nobody may do.

Tests named after an invariant of `docs/architecture.md` hold it; the last test here finds them all.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from polylsp import types

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "polylsp"
FILES = sorted(PACKAGE.rglob("*.py"))

NOUNS = {"types", "errors"}
STATIONS = {"syntax", "context", "prompt", "engine", "suggest"}
# Room → what of ours it may import, beside itself and the package's version.
TABLE: dict[str, set[str]] = {
    "types": set(),
    "errors": set(),
    "config": NOUNS,
    "stats": {"types"},
    "syntax": {"types", "config"},
    "context": {"types", "config", "syntax"},
    "prompt": NOUNS | {"config"},
    "engine": NOUNS | {"config"},
    "suggest": {"types", "config", "syntax"},
    "journal": NOUNS,
    "workspace": NOUNS
    | {"config", "prompt.tokenizer", "prompt.pieces"}
    | {"engine.memory", "engine.live", "engine.suffixes", "engine.array", "engine.build"},
    "models": NOUNS | {"config", "prompt", "engine", "export", "suggest.calibration"},
    "hindsight": {"types", "prompt", "engine"},
    "generation": NOUNS | {"config", "prompt", "engine", "suggest", "models", "hindsight"},
    "completer": NOUNS | STATIONS | {"config", "generation", "stats", "workspace", "models"},
    "lsp": NOUNS | {"config", "completer", "journal"},
    "client": NOUNS,
    "editors": set(),
    "sources": {"errors"},
    "demo": NOUNS | {"client"},
    "bench": NOUNS
    | {"config", "completer", "prompt", "engine", "suggest", "syntax", "workspace"}
    | {"models", "client", "export", "evals", "sources"},
    "evals": NOUNS
    | {"config", "completer", "prompt", "engine", "suggest", "syntax", "workspace"}
    | {"models", "bench", "sources"},
    "export": NOUNS | {"config", "prompt", "engine"},
    "train": NOUNS
    | {"prompt", "export.place", "export.unpack", "export.vocabulary", "export.token_file"}
    | {"corpus.recipe", "bench.replay.picture"},
    "corpus": {"errors", "syntax", "sources", "workspace.redact"},
}
DOORS = {"cli", "__main__"}  # They may import everything.

# Third party → where alone it may be imported.
FENCES: dict[str, tuple[str, ...]] = {
    "pygls": ("lsp/",),
    "lsprotocol": ("lsp/",),
    "cattrs": ("lsp/",),
    "tree_sitter": ("syntax/", "suggest/syntax.py"),
    "tokenizers": ("prompt/tokenizer.py", "train/bpe.py"),
    "onnxruntime": ("engine/backend_onnx.py", "engine/backend_optimum.py"),
    "onnx": ("export/",),
    "safetensors": ("export/", "engine/backend_torch.py", "train/"),
    "optimum": ("export/",),
    "transformers": ("export/", "bench/"),
    "torch": (
        "engine/backend_torch.py",
        "engine/torch_",
        "engine/device.py",
        "export/",
        "bench/",
        "train/",
    ),
    "accelerate": ("train/loop.py",),
    "gguf": ("export/",),
    "llama_cpp": ("engine/backend_gguf.py", "export/", "bench/"),
    "huggingface_hub": ("models/",),
    "psutil": (
        *("lsp/power.py", "models/memory.py", "stats.py", "bench/", "cli/running.py"),
        "evals/infilling/sandbox.py",
    ),
    "matplotlib": (
        *("bench/replay/picture.py", "evals/picture.py"),
        *("evals/perplexity/picture.py", "evals/polyline/picture.py"),
        *("corpus/picture.py", "train/picture.py"),
    ),
    "pygments": ("evals/perplexity/words.py",),
    "textual": ("demo/code.py", "demo/look.py", "demo/screen.py"),
    "rich": ("demo/code.py", "demo/look.py"),
    "filelock": ("workspace/shelf.py", "sources/fetch.py", "corpus/build.py"),
    "datatrove": ("corpus/executors.py", "corpus/steps/"),
    "loguru": ("corpus/executors.py",),
}

# Nothing in the core may need a system that has these.
POSIX_MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
POSIX_NAMES = {
    *("fork", "forkpty", "getuid", "geteuid", "getgid", "killpg", "setsid", "setpgid"),
    *("mkfifo", "sched_getaffinity", "getloadavg", "SIGKILL", "SIGHUP", "SIGALRM", "SIGUSR1"),
    *("add_reader", "add_writer", "add_signal_handler", "connect_read_pipe", "AF_UNIX"),
}


def test_the_import_table_holds() -> None:
    wrong = [
        f"{_name(file)} imports polylsp.{target}"
        for file in FILES
        if (room := _room(file)) not in DOORS | {"__init__"}
        for target in _ours(file)
        if not _allowed(room, target)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_room_is_in_the_table() -> None:
    assert {_room(file) for file in FILES} <= set(TABLE) | DOORS | {"__init__"}


def test_data_flows_one_way() -> None:
    """No station can call an earlier one, and no value that flows changes after it is made."""
    line = ["syntax", "context", "prompt", "engine", "suggest", "completer", "lsp"]
    for at, earlier in enumerate(line):
        assert not TABLE[earlier] & set(line[at + 1 :]), f"{earlier} may import a later station"
    values = [
        one
        for _, one in inspect.getmembers(types, inspect.isclass)
        if dataclasses.is_dataclass(one) and one.__module__ == types.__name__
    ]
    assert len(values) >= 10
    for value in values:
        assert value.__dataclass_params__.frozen, value.__name__  # type: ignore[attr-defined]
        assert hasattr(value, "__slots__"), value.__name__


def test_stations_do_not_know_each_other() -> None:
    for station in STATIONS - {"syntax"}:
        may_use = {"syntax"} if station in ("context", "suggest") else set()
        assert TABLE[station] & STATIONS == may_use, station


def test_only_lsp_knows_lsp() -> None:
    assert FENCES["lsprotocol"] == FENCES["pygls"] == ("lsp/",)
    # An LSP place is a line and a character; elsewhere there are offsets.
    wrong = [
        _name(file)
        for file in FILES
        if _room(file) in STATIONS | {"completer", "workspace", "types"}
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.Attribute) and node.attr in ("character", "position")
    ]
    assert not wrong, wrong


def test_engine_sees_token_ids_only() -> None:
    assert TABLE["engine"] <= {"types", "errors", "config"}
    text_blind = {"Snapshot", "Cursor", "Chunk", "Context", "Prompt", "Draft", "Suggestion"}
    imported = {
        name
        for file in FILES
        if _room(file) == "engine"
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.ImportFrom) and node.module == "polylsp.types"
        for name in (alias.name for alias in node.names)
    }
    assert imported
    assert not imported & text_blind


def test_third_party_fences_hold() -> None:
    wrong = [
        f"{_name(file)} imports {module}"
        for file in FILES
        for module in _imported(file)
        if (places := FENCES.get(_family(module))) is not None
        and not file.relative_to(PACKAGE).as_posix().startswith(places)
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_needs_posix() -> None:
    wrong = []
    for file in FILES:
        wrong += [
            f"{_name(file)}:{node.lineno} uses {node.attr}"
            for node in ast.walk(_tree(file))
            if isinstance(node, ast.Attribute) and node.attr in POSIX_NAMES
        ]
        wrong += [
            f"{_name(file)} imports {module}"
            for module in _imported(file)
            if module.split(".")[0] in POSIX_MODULES
        ]
    assert not wrong, "\n".join(wrong)


def test_nothing_in_the_core_opens_a_connection() -> None:
    """`lsp --tcp` listens, where it is told to; nothing else knows how to reach another machine."""
    network = {"socket", "ssl", "http", "urllib.request", "requests", "httpx", "ftplib", "smtplib"}
    users = {_name(file) for file in FILES for module in _imported(file) if {module} & network}
    assert users == {"cli/lsp.py"}


def test_standard_output_belongs_to_the_protocol() -> None:
    """Only commands print: what a server wrote there would end up between two messages."""
    wrong = [
        f"{_name(file)}:{node.lineno}"
        for file in FILES
        if _room(file) not in DOORS
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    assert not wrong, wrong


def test_no_module_holds_mutable_state() -> None:
    """Everything that changes is built in one place and handed down.

    A module's own names are constants, types or its logger; nobody declares one `global`.
    """
    wrong = []
    for file in FILES:
        tree = _tree(file)
        wrong += [
            f"{_name(file)}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Global)
        ]
        wrong += [
            f"{_name(file)}:{node.lineno} {target.id}"
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
            and not re.fullmatch(r"_?[A-Z][A-Z0-9_]*|_?[A-Z]\w*|__\w+__|log", target.id)
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("file", FILES, ids=lambda file: _name(file))
def test_a_module_says_what_it_does(file: Path) -> None:
    said = ast.get_docstring(_tree(file))
    assert said, "no docstring"
    assert len(said.splitlines()) <= 7, "six lines and a blank one should do"


def test_each_invariant_has_a_test_of_its_name() -> None:
    document = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    invariants = re.findall(r"^\d+\. \*\*(.+?)\.\*\*", document, re.MULTILINE)
    assert len(invariants) >= 15
    tests = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(
            r"^ *(?:async )?def (test_\w+)", file.read_text("utf-8"), re.MULTILINE
        )
    }
    missing = [
        one for one in invariants if "test_" + re.sub(r"[^a-z0-9]+", "_", one.lower()) not in tests
    ]
    assert not missing, missing


def test_the_checks_of_ci_are_those_of_the_readme() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()[-1]
    assert "nox" in ci
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"\n{ci}\n" in readme


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _name(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def _room(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield node.module or ""


def _ours(file: Path) -> Iterator[str]:
    """What a file imports of ours, as `room` or `room.module`, without "polylsp."."""
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("polylsp."):
                    yield alias.name.removeprefix("polylsp.")
        elif isinstance(node, ast.ImportFrom) and node.module == "polylsp":
            yield from (alias.name for alias in node.names if alias.name != "__version__")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("polylsp."):
            yield (node.module or "").removeprefix("polylsp.")


def _allowed(room: str, target: str) -> bool:
    target_room = target.split(".")[0]
    return target_room == room or target_room in TABLE[room] or target in TABLE[room]


def _family(module: str) -> str:
    top = module.split(".")[0]
    return "tree_sitter" if top.startswith("tree_sitter") else top
