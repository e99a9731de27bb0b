"""Everything that checks polylsp. `nox` runs it all; `nox -s core` what needs no heavy download.

core           format, lint, strict types, and every test that a normal installation can run; with LONG_RUNS=1 in
               the environment some of them go on for long: 10,000 messages, an hour of typing, every sample
editors        real editors (VS Code, Neovim, Emacs, Helix, Vim), fetched once into POLYLSP_EDITORS or the user's
               cache; one that cannot be had is skipped, unless POLYLSP_EDITORS_STRICT says that must not be
heavy          torch, transformers, optimum and llama.cpp: one contract on every backend, logits against the
               reference implementation's. llama.cpp is compiled here, once; pip keeps what came of it
transformers5  the same with transformers 5, as far as that goes: optimum has no version for it
embed          only when asked for: makes another checkpoint the embedded model (`nox -s embed -- FOLDER`)
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.options.sessions = ["core", "editors", "heavy", "transformers5"]
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False

# One known release: what a plain "torch" brings on Linux is gigabytes of GPU libraries.
TORCH = "torch==2.13.0"
# One known release: each is compiled anew, for ten minutes.
LLAMA_CPP = "llama-cpp-python==0.3.36"
ACCELERATE = "accelerate>=1.3"  # What transformers reads GGUF files with.


@nox.session
def core(session: nox.Session) -> None:
    """Format, lint, types, tests. Arguments go to pytest: `nox -s core -- -k session`."""
    session.install("-q", "-e", ".[dev]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run(
        "pytest", "-q", "-m", "not heavy and not editors", "--durations=12", *session.posargs
    )


@nox.session
def editors(session: nox.Session) -> None:
    """The tests marked `editors`."""
    session.install("-q", "-e", ".[dev,editors]")
    session.run("python", "-m", "tests.editors.ground", success_codes=[0, 1])
    session.run("pytest", "-q", "-m", "editors", "--reruns", "2", *session.posargs)


@nox.session
def heavy(session: nox.Session) -> None:
    """The tests marked `heavy`."""
    session.install("-q", TORCH)
    processors = {"CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count() or 1)}
    session.install("-q", LLAMA_CPP, env=processors)
    session.install("-q", "-e", ".[dev,optimum,gguf]", ACCELERATE)
    session.run("pytest", "-q", "-m", "heavy", *session.posargs)


@nox.session
def transformers5(session: nox.Session) -> None:
    """The tests marked `heavy` that need neither optimum nor llama.cpp."""
    session.install("-q", TORCH)
    session.install("-q", "-e", ".[dev]", "transformers>=5,<6", ACCELERATE)
    chosen = "heavy and not optimum and not llama_cpp and not network"
    session.run("pytest", "-q", "-m", chosen, *session.posargs)


@nox.session(default=False)
def embed(session: nox.Session) -> None:
    """Make a checkpoint, as `polylsp train export` writes it, the embedded model: `nox -s embed -- FOLDER`.

    It is converted, weighed against memory and calibrated, both on the development packages; golden files are
    written anew (review them like code), and all is tested. Its card, README.md, is left to its author.
    """
    if len(session.posargs) != 1:
        session.error("name one Hugging Face folder: nox -s embed -- FOLDER")
    session.install("-q", "-e", ".[dev]")
    old, new = Path("polylsp/models/embedded"), Path(session.create_tmp()) / "embedded"
    shutil.rmtree(new, ignore_errors=True)
    session.run(
        "polylsp", "export", *session.posargs, str(new), "--licence", "MIT", "--block", "64"
    )
    development = ("--set", "development", "--model", str(new), "--write")
    session.run("polylsp", "eval", "memory", "--fit", *development)
    session.run("polylsp", "bench", "calibrate", "--memory", *development)
    session.run("polylsp", "bench", "calibrate", *development)
    for card in ("README.md", "LICENSE"):
        shutil.copy(old / card, new)
    shutil.rmtree(old)
    shutil.move(new, old)
    tests = ("pytest", "-q", "-m", "not heavy and not editors")
    session.run(*tests, env={"UPDATE_GOLDEN": "1"}, success_codes=[0, 1])
    session.run(*tests)
