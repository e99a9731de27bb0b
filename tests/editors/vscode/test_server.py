"""The server behind the extension: its states, its end and its return, pauses, and what is shown of it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.editors.conftest import Open
from tests.editors.home import Home
from tests.editors.vscode.conftest import SOURCE, TYPED, Saw, Window, is_quiet, server_log, servers
from tests.editors.workbench import Workbench

# Keeps every text that the status bar item ever had, "◌" before it where its icon spins.
RECORD = """() => {
  window.seen = [];
  const look = () => {
    for (const one of document.querySelectorAll(".statusbar-item")) {
      const text = (one.querySelector(".codicon-loading") ? "◌ " : "") + one.textContent.trim();
      if (/polylsp/.test(one.id) && !window.seen.includes(text)) {
        window.seen.push(text);
      }
    }
  };
  const options = { subtree: true, childList: true, characterData: true, attributes: true };
  new MutationObserver(look).observe(document.querySelector(".part.statusbar"), options);
}"""
BUSY = r"◌ embedded( [\d.]+ ms)?"


def test_a_server_that_is_killed_comes_back(ready: Window, home: Home, saw: Saw) -> None:
    file = home.file("reader.py", SOURCE)
    window = ready(file)
    [server] = servers(home)
    server.kill()
    window.see_status("restarting")
    window.see_status("embedded")
    window.type(TYPED)
    window.see_ghost_text()
    [again] = servers(home)
    assert again.pid != server.pid
    assert not [one for one in window.messages() if "server" in one]
    saw(f"process {server.pid} was killed, {again.pid} is there")


def test_a_server_that_keeps_crashing_is_given_up_with_a_message(
    ready: Window, home: Home, saw: Saw
) -> None:
    window = ready(home.file("reader.py", SOURCE))
    command = home.folder / "bin" / "polylsp"
    command.write_text("#!/bin/sh\necho no more >&2\nexit 3\n", encoding="utf-8")
    for server in servers(home):
        server.kill()
    window.see_status("polylsp: error", seconds=90)
    [message] = window.until(
        lambda: [one for one in window.messages() if "exit code 3" in one], "a message"
    )
    assert "Show Log" in message
    saw(" ".join(message.split()))


def test_restarts_are_never_doubled(ready: Window, home: Home, saw: Saw) -> None:
    window = ready(home.file("reader.py", SOURCE))
    for _ in range(4):
        window.run("polylsp: Restart Server")
    window.see_status("embedded")
    window.until(lambda: len(servers(home)) == 1, "one server")
    starts = server_log(window).count("the client counts in")
    assert starts <= 5
    saw(f"asked for 4 times while it ran, started {starts} times in all")


def test_a_pause_lasts_until_it_is_ended_and_survives_a_crash(
    ready: Window, home: Home, saw: Saw
) -> None:
    file, other = home.file("reader.py", SOURCE), home.file("other.py", SOURCE)
    window = ready(file)
    window.run("polylsp: Pause in This File")
    window.see_status(r"paused \(file\)")
    _type_in_vain(window)
    for server in servers(home):
        server.kill()
    window.see_status("restarting")
    window.see_status(r"paused \(file\)")
    window.open(other)
    window.see_status("embedded")
    window.press("Control+End")
    window.type(TYPED)
    window.see_ghost_text()
    window.open(file)
    window.see_status(r"paused \(file\)")
    window.page.locator(".statusbar-item", has_text="paused").first.click()
    window.page.locator(".quick-input-list .monaco-list-row", has_text="Resume").first.click()
    window.see_status("embedded")
    window.run("polylsp: Pause Everywhere")
    window.see_status("paused$|paused \\|")
    window.focus()
    _type_in_vain(window)
    saw(window.status())
    assert is_quiet(window)


def test_the_status_bar_shows_each_state(workbench: Open, vsix: Path, home: Home, saw: Saw) -> None:
    window = workbench(vsix)
    window.page.evaluate(RECORD)

    def seen() -> list[str]:
        return [str(one) for one in window.page.evaluate("() => window.seen")]

    window.open(home.file("reader.py", SOURCE))
    window.see_status("embedded")
    window.press("Control+End")
    window.type(TYPED)
    window.see_ghost_text()
    window.press("Alt+\\")  # What is asked for by hand is never there before.
    window.until(lambda: [one for one in seen() if re.fullmatch(BUSY, one)], "work for the server")
    window.see_status("embedded")
    window.run("polylsp: Pause in This Language")
    window.see_status(r"paused \(language\)")
    window.run("polylsp: Resume")
    window.see_status("embedded")
    settings = home.folder / "vscode" / "Machine" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text('{"polylsp.model": "nowhere"}', encoding="utf-8")
    window.see_status(r"(?s)polylsp: error.*nowhere")
    for state in ("starting", "loading", "embedded", "paused (language)", "error"):
        assert any(state in one for one in seen()), (state, seen())
    saw(seen())


def test_what_the_model_is_given_is_shown_and_cannot_be_changed(
    ready: Window, home: Home, saw: Saw
) -> None:
    window = ready(home.file("reader.py", SOURCE))
    window.run("polylsp: Show What Is Sent to the Model")
    tab = window.page.locator(".tab.active", has_text="Sent to the model")
    tab.first.wait_for()
    title = tab.first.inner_text().strip()
    shown = window.page.locator(".editor-group-container.active .view-lines").inner_text()
    assert "label = " in shown.replace("\u00a0", " ")
    window.type("x")
    assert window.page.locator(".tab.active.dirty").count() == 0
    saw(title)
    assert is_quiet(window)


def _type_in_vain(window: Workbench) -> None:
    window.press("Control+End")
    window.type(TYPED)
    window.page.wait_for_timeout(1500)
    assert window.ghost_text() == ""
    window.press(*["Backspace"] * len(TYPED))
