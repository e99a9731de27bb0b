"""Which files are secrets, and which one lies beside another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from polylsp.workspace.files import Companions, is_secret


@pytest.mark.parametrize(
    "path",
    [
        *(".env", ".env.local", "production.env", "deploy/.envrc", "C:\\work\\.env"),
        *("server.pem", "private.key", "keystore.jks", "vault.kdbx", "prod.tfvars", "client.p12"),
        *("id_rsa", "id_ed25519.pub", ".netrc", "_netrc", ".pgpass", ".npmrc", ".pypirc"),
        *("secrets.yaml", "secret.json", "credentials", "db-credentials.yml", "passwords.txt"),
        *("service-account-prod.json", "/home/me/.ssh/config", "~/.aws/config", ".kube/config.py"),
    ],
)
def test_files_that_hold_secrets_are_recognised(path: str) -> None:
    assert is_secret(path)


@pytest.mark.parametrize(
    "path",
    [
        *("main.py", "secrets.py", "src/credentials.rs", "password_reset.rb", "environment.ts"),
        *(".env.example", "secrets.yaml.sample", "keyboard.c", "tokenizer.json", "monkey.go", ""),
    ],
)
def test_code_about_secrets_is_no_secret(path: str) -> None:
    assert not is_secret(path)


def test_a_source_finds_its_header_and_the_reverse(tmp_path: Path) -> None:
    source, header = tmp_path / "list.c", tmp_path / "list.h"
    source.write_text("int a;\n")
    header.write_text("int b;\n")
    companions = Companions()
    found = companions.find(source, "lib/list.c")
    assert found is not None
    assert (found.text, found.path, found.language) == ("int b;\n", "lib/list.h", "c")
    back = companions.find(header, "list.h")
    assert back is not None
    assert back.text == "int a;\n"


def test_a_header_is_looked_for_where_projects_keep_them(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "tree.hpp").write_text("class Tree;\n")
    found = Companions().find(tmp_path / "src" / "tree.cpp", "src/tree.cpp")
    assert found is not None
    assert found.language == "cpp"


def test_a_header_that_changed_is_read_again(tmp_path: Path) -> None:
    header = tmp_path / "a.h"
    header.write_text("int old;\n")
    companions = Companions()
    source = tmp_path / "a.c"
    assert companions.find(source, "a.c") is companions.find(source, "a.c")
    header.write_text("int new;\n")
    os.utime(header, (1, 1))
    found = companions.find(source, "a.c")
    assert found is not None
    assert found.text == "int new;\n"


def test_what_cannot_be_a_companion_is_none(tmp_path: Path) -> None:
    (tmp_path / "big.h").write_text("x" * 300_000)
    (tmp_path / "folder.h").mkdir()
    (tmp_path / "odd.h").write_bytes(b"int \xff\xfe;\n")
    companions = Companions()
    assert companions.find(tmp_path / "big.c", "big.c") is None
    assert companions.find(tmp_path / "folder.c", "folder.c") is None
    assert companions.find(tmp_path / "alone.c", "alone.c") is None
    assert companions.find(tmp_path / "script.py", "script.py") is None
    odd = companions.find(tmp_path / "odd.c", "odd.c")
    assert odd is not None
    assert "\ufffd" in odd.text
