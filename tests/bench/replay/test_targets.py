"""What is claimed of which model, and by which run."""

from __future__ import annotations

from typing import Any

from polylsp.bench.claims import Claim
from polylsp.bench.replay.targets import claims

ROW = {
    "flickers": 0,
    "shown": 40,
    "items": 100,
    "keys": 1000,
    "typed_through": 30,
    "new_items": 60,
    "key_to_item_p95_ms": 100.0,
    "show_p50_ms": 10.0,
    "show_p95_ms": 90.0,
    "typed_through_p95_ms": 3.0,
    "before_next_key": 0.95,
    "before_next_key_of": 80,
    "cores_while_typing": 0.1,
    "idle_cores": 0.0,
    "cpu_seconds_per_1000": 5.0,
    "answered_from_earlier": 0.8,
    "kv_reuse": 0.98,
    "kv_reuse_tokens": 5000.0,
}
STEADY = {
    "mean": {"completed": 0.2, "wrong": 0.28},
    "shown": 50,
    "flickers": 0,
    "calibration_error": 0.02,
}
ALWAYS = {"completed_ratio", "wrong_show_rate", "calibration_error", "flickers"}
REUSE = {"kv_reuse"}
TIME = {
    "show_p50_ms",
    "show_p95_ms",
    "typed_through_p95_ms",
    "before_next_key",
    "answered_from_earlier",
}
CORES = {"cores_while_typing", "idle_cores"}


def found(report: dict[str, Any], human_speed: bool = True) -> dict[str, Claim]:
    return {claim.id: claim for claim in claims(report, human_speed)}


def test_all_that_is_promised_is_claimed_with_its_model() -> None:
    report = {"model": "embedded", **STEADY, "timed": {"vscode": ROW, "neovim": ROW}}
    made = found(report)
    assert set(made) == ALWAYS | REUSE | TIME | CORES
    assert all(claim.holds and claim.model == "embedded" and claim.n for claim in made.values())


def test_a_larger_model_is_held_to_its_own_targets() -> None:
    made = found({"model": "smollm2-135m", **STEADY, "timed": {"vscode": ROW}})
    assert not made["completed_ratio"].holds
    assert not made["wrong_show_rate"].holds
    assert made["show_p95_ms"].target == 400
    assert "show_p50_ms" not in made


def test_time_is_claimed_of_human_speed_alone() -> None:
    report = {"model": "embedded", **STEADY, "timed": {"vscode": ROW}}
    assert set(found(report, human_speed=False)) == ALWAYS | REUSE
    assert set(found({"model": "embedded", **STEADY})) == ALWAYS
    timed_only = {"model": "embedded", "timed": {"vscode": ROW}}
    assert set(found(timed_only)) == {"flickers"} | REUSE | TIME | CORES


def test_the_slower_client_counts() -> None:
    slow = {**ROW, "show_p95_ms": 300.0, "before_next_key": 0.5, "flickers": 1}
    made = found({"model": "embedded", **STEADY, "timed": {"vscode": ROW, "neovim": slow}})
    short = {name for name, claim in made.items() if not claim.holds}
    assert short == {"show_p95_ms", "before_next_key", "flickers"}


def test_a_rival_is_compared_only_where_it_ran() -> None:
    rival = {**ROW, "key_to_item_p95_ms": 150.0, "cpu_seconds_per_1000": 10.0, "flickers": 9}
    timed = {"vscode": ROW, "llamavim": rival}
    made = found({"model": "embedded", **STEADY, "timed": timed})
    assert (made["p95_vs_llamavim"].value, made["cpu_vs_llamavim"].value) == (1.5, 2.0)
    assert not made["p95_vs_llamavim"].holds
    assert made["flickers"].holds


def test_the_plain_way_is_compared_where_it_was_run() -> None:
    plain = {"mean": {"completed": 0.1, "wrong": 0.9}, "shown": 70}
    made = found({"model": "embedded", **STEADY, "whole_line": plain})
    assert made["completed_vs_whole_line"].value == 2
    assert made["wrong_vs_whole_line"].holds
