"""Emacs for a terminal, with lsp-mode, which can show inline completions; eglot comes with Emacs."""

from __future__ import annotations

import re
from pathlib import Path

from tests.editors.ground.debian import TESTING, unpack
from tests.editors.ground.shelf import Editor, kept, ran

# For the start of init.el: this Emacs would call a compiler that is not there.
NO_COMPILER = "(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)\n"
# What Emacs does for packages that it has installed itself.
AUTOLOADS = '(load "lsp-mode-autoloads")\n'


def emacs() -> Editor:
    """Emacs and lsp-mode as the testing suite has them. Raises UnavailableError.

    The environment stands for the paths that are built into the program.
    """
    return _editor(kept(f"emacs-{TESTING}", _unpack))


def lsp_mode() -> str:
    """The version of lsp-mode that is there."""
    names = " ".join(one.name for one in _packages(kept(f"emacs-{TESTING}", _unpack)))
    found = re.search(r"lsp-mode-([\d.]+)", names)
    assert found is not None, names
    return found[1]


def _editor(folder: Path) -> Editor:
    dump = next(folder.glob("usr/libexec/emacs/*/*/emacs-*.pdmp"))
    version = dump.parent.parent.name
    share = folder / "usr/share/emacs" / version
    lisp = [share / "lisp", *sorted((share / "lisp").glob("**/")), *_packages(folder)]
    environment = {
        "EMACSLOADPATH": ":".join(str(one) for one in dict.fromkeys(lisp)),
        "EMACSDATA": str(share / "etc"),
        "EMACSDOC": str(share / "etc"),
        "EMACSPATH": str(dump.parent),
    }
    command = (str(folder / "usr/bin/emacs-nox"), f"--dump-file={dump}")
    return Editor("Emacs", version, command, environment)


def _packages(folder: Path) -> list[Path]:
    return sorted(folder.glob("usr/share/emacs/site-lisp/elpa-src/*/"))


def _unpack(folder: Path) -> None:
    unpack(TESTING, ["emacs-nox", "elpa-lsp-mode"], folder, programs=["usr/bin/emacs-nox"])
    _compile(folder)


def _compile(folder: Path) -> None:
    """Have lsp-mode load as quickly as it does for users, whose Emacs compiles what it installs."""
    emacs = _editor(folder)
    files = " ".join(f'"{one}"' for package in _packages(folder) for one in package.glob("*.el"))
    compiling = (
        f"(progn {NO_COMPILER} (dolist (file '({files})) (ignore-errors (byte-compile-file file))))"
    )
    ran([*emacs.command, "--batch", "--eval", compiling], environment=emacs.environment)
