"""Text becomes tokens, broken where something was left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.prompt.tokenizer import Tokenizer
from polylsp.workspace.encoding import Encoder
from tests import tinies

CODE = "def f(x):\n    return x\n\n\nclass A:\n    def g(self):\n        return 1\n" * 20


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return tinies.tokenizer(tmp_path)


def test_a_text_is_encoded_as_the_tokenizer_does(tokenizer: Tokenizer) -> None:
    encoder = Encoder(tokenizer)
    for text in (CODE, CODE[7:-7], "x", "\n\n", CODE.replace("x", "→")):
        [(ids, line)] = encoder.encode(text)
        assert (ids.tolist(), line) == (tokenizer.encode(text), 1)
    assert encoder.encode("") == []


def test_a_secret_breaks_the_text_and_the_lines_go_on(tokenizer: Tokenizer) -> None:
    key = "\n".join(["-----BEGIN PRIVATE KEY-----", *["MIIEogIBAAKCAQEAtK07Ili0dkJb79m"] * 5])
    text = f'a = 1\npassword = "hunter22"\nb = """{key}\n-----END PRIVATE KEY-----"""\nc = 3\n'
    streams = Encoder(tokenizer).encode(text)
    assert [(tokenizer.decode(ids.tolist()), line) for ids, line in streams] == [
        ('a = 1\npassword = "', 1),
        ('"\nb = """', 2),
        ('"""\nc = 3\n', 9),
    ]


def test_tables_of_numbers_are_left_out(tokenizer: Tokenizer) -> None:
    table = "".join(f"    {{0x{at:02x}, -{at}.5e3, {at}}},\n" for at in range(20))
    text = f"int rows[] = {{\n{table}}};\nint after;\n"
    streams = Encoder(tokenizer).encode(text)
    assert [(tokenizer.decode(ids.tolist()), line) for ids, line in streams] == [
        ("int rows[] = {\n", 1),
        ("int after;\n", 23),
    ]
