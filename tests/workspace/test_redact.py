"""Secrets in source are found, whatever stands around them; code is not."""

from __future__ import annotations

import random
import string

import pytest

from polylsp.workspace.redact import secrets

LETTERS = string.ascii_letters + string.digits


def drawn(count: int, alphabet: str = LETTERS) -> str:
    """Always the same, drawn by chance: no such token is in this file."""
    return "".join(random.Random(count).choices(alphabet, k=count))


def left(text: str) -> str:
    """What is not secret."""
    hidden = {at for start, end in secrets(text) for at in range(start, end)}
    return "".join(one for at, one in enumerate(text) if at not in hidden)


HEX = "0123456789abcdef"
TOKENS = [
    "AKIA" + drawn(16, string.ascii_uppercase + string.digits),
    "ghp_" + drawn(36),
    "github_pat_" + drawn(22) + "_" + drawn(59),
    "glpat-" + drawn(20),
    "xoxb-" + drawn(12, string.digits) + "-" + drawn(24),
    "sk_live_" + drawn(24),
    "AIza" + drawn(35),
    "ya29." + drawn(60),
    "GOCSPX-" + drawn(28),
    "eyJ" + drawn(20) + ".eyJ" + drawn(40) + "." + drawn(43),
    "npm_" + drawn(36),
    "pypi-AgEIcHlwaS5vcmc" + drawn(120),
    "sk-" + drawn(48),
    "sk-ant-api03-" + drawn(90),
    "hf_" + drawn(34),
    "SG." + drawn(22) + "." + drawn(43),
    "dop_v1_" + drawn(64, HEX),
    "hvs." + drawn(24),
    "123456789:AA" + drawn(33),
]


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token[:6])
@pytest.mark.parametrize(
    "around", ["x = '{}'\n", "# {} is what it was\n", "curl -H key:{} http://a\n", "f({!r});"]
)
def test_tokens_of_known_forms_are_found_anywhere(token: str, around: str) -> None:
    kept = left(around.format(token))
    assert not any(token[at : at + 8] in kept for at in range(8, len(token) - 8, 4))


@pytest.mark.parametrize(
    "line",
    [
        'password = "{}"',
        "DB_PASSWORD: str = '{}'",
        "'password' => '{}',",
        '"apiKey": "{}",',
        'const API_KEY: &str = "{}";',
        'const clientSecret string = "{}"',
        'private static final String SECRET = "{}";',
        'config["access_token"] = "{}"',
        'user.setPassword("{}");',
        "passwd := `{}`",
        'if token == "{}":',
    ],
)
def test_what_is_given_to_a_secretive_name_is_found(line: str) -> None:
    for secret in ("hunter2!", "Tr0ub4dor", "9f86d081884c7d65", drawn(24), drawn(40, HEX)):
        text = line.format(secret)
        assert secret[3:] not in left(text), text


@pytest.mark.parametrize("secret", [drawn(40), drawn(32, HEX), drawn(64, HEX), drawn(44) + "="])
def test_literals_drawn_by_chance_are_found_under_any_name(secret: str) -> None:
    assert left(f'x = f("{secret}")') == 'x = f("")'


def test_passwords_in_addresses_are_found() -> None:
    secret = drawn(12)
    kept = left(f'connect("postgres://admin:{secret}@db.example.org/app")')
    assert kept == 'connect("postgres://@db.example.org/app")'


@pytest.mark.parametrize("kind", ["RSA ", "", "EC ", "OPENSSH "])
def test_private_keys_are_found_as_blocks(kind: str) -> None:
    body = [drawn(64 - at) for at in range(8)]
    begin, end = f"-----BEGIN {kind}PRIVATE KEY-----", f"-----END {kind}PRIVATE KEY-----"
    plain = "\n".join(['KEY = """', begin, *body, end, '"""', "x = 1"])
    quoted = "\n".join(f'    "{line}\\n"' for line in (begin, *body, end)) + ";\nx = 1"
    unended = "\n".join([begin, *body, "", "x = 1"])
    for text in (plain, quoted, unended):
        kept = left(text)
        assert "x = 1" in kept
        assert not any(line[10:30] in kept for line in body), kept


@pytest.mark.parametrize(
    "code",
    [
        'password = getpass.getpass("password: ")',
        'token = tokens[index]; secret = os.environ["SECRET_KEY"]',
        "self.token_ids = tokenizer.encode(text, add_special_tokens=False)",
        'parser.add_argument("--password", help="the password to use")',
        'PASSWORD_FIELD = "password_field"',
        "const token = await getToken({ type: 'access_token' });",
        'url = f"https://{user}:{password}@{host}/"',
        "'auth_token' => \"#{TOKEN}\",",
        'key = "primary"; api_key = "YOUR_API_KEY"',
        'x = "abcdefghijklmnopqrstuvwxyz"; y = "a_very_long_name_of_some_function_or_other"',
        'n = "1234567890123456789012345678901234567890"',
        'if data.startswith(b"-----BEGIN PRIVATE KEY-----"):\n    return load(data)\n',
        "task-list, risk-free, disk-usage-of-the-whole-machine-and-more",
        'path = "polylsp/workspace/index/manifest/of/the/whole/folder"',
    ],
)
def test_ordinary_code_stays(code: str) -> None:
    assert left(code) == code


def test_letters_that_grow_when_they_are_made_small_hide_nothing() -> None:
    secret = drawn(24)
    assert secret not in left(f'İ = 1\nPASSWORD = "{secret}"\n')
