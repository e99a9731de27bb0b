"""The server's life as Neovim has it: its states, its death and return, pauses, commands, health."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from tests.editors.neovim.conftest import Start
from tests.editors.neovim.driver import Neovim
from tests.editors.neovim.test_ghost import SHAPES, SUGGESTED, begun
from tests.editors.waiting import until

# Every text that the status line showed, in order.
_WATCH = """
shown = {}
vim.api.nvim_create_autocmd("User", { pattern = "PolylspStatus", callback = function()
  local line = require("polylsp").statusline():gsub(" [%d.]+ ms", "")
  if shown[#shown] ~= line then table.insert(shown, line) end
end })
"""
_PROCESSES = """
return vim.iter(vim.api.nvim_get_proc_children(vim.uv.os_getpid())):totable()
"""


def test_the_status_line_shows_each_state(start: Start, saw: Callable[[object], None]) -> None:
    vim = start()
    vim.lua(_WATCH)
    begun(vim)
    vim.press("<M-Bslash>")  # What is asked for by hand is never there before.
    until(lambda: "polylsp: busy" in vim.lua("return shown"), "work for the server")
    vim.wait_for_state("ready")
    vim.nvim.command("Polylsp pause")
    vim.wait_for_state("paused")
    vim.nvim.command("Polylsp resume")
    vim.wait_for_state("ready")
    os.kill(server(vim), signal.SIGKILL)
    vim.wait_for_state("restarting")
    vim.wait_for_state("ready")
    vim.nvim.command("Polylsp model /no/such/model")
    vim.wait_for_state("no model")
    vim.nvim.command("Polylsp stop")
    vim.wait_for_state("stopped")
    shown = list(vim.lua("return shown"))
    saw(" → ".join(shown))
    states = [line.removeprefix("polylsp: ").split(" (")[0] for line in shown]
    for state in ("loading", "busy", "ready", "paused", "restarting", "no model", "stopped"):
        assert state in states, shown


def server(vim: Neovim) -> int:
    """The process of the server."""
    [process] = vim.lua(_PROCESSES)
    return int(process)


def test_a_server_that_dies_comes_back(start: Start) -> None:
    vim = start()
    begun(vim)
    first = server(vim)
    os.kill(first, signal.SIGKILL)
    vim.wait_for_state("restarting")
    assert vim.ghost() == ""
    vim.wait_for_state("ready")
    assert server(vim) != first
    assert begun(vim) == SUGGESTED


def test_a_server_that_keeps_dying_is_given_up(start: Start) -> None:
    vim = start("{ cmd = { '/bin/false' }, restart = { attempts = 2, delay = 10 } }")
    vim.edit(vim.home.file("a.py", SHAPES))
    vim.wait_for_state("stopped")
    said = until(
        lambda: text if "in a row" in (text := vim.quiet_messages()) else "", "the message"
    )
    assert ":Polylsp log" in said


def test_pausing_stops_it_and_resuming_goes_on(start: Start) -> None:
    vim = start()
    for scope in ("everywhere", "language", "file"):
        begun(vim)
        vim.press(f"<Cmd>Polylsp pause {scope}<CR>")
        vim.wait_for_state("paused")
        assert vim.lua('return require("polylsp").statusline()') == f"polylsp: paused ({scope})"
        vim.write("raise ")
        until(lambda: vim.lines()[-1].endswith("raise "), "the text")
        assert vim.ghost() == ""
        vim.press(f"<Cmd>Polylsp resume {scope}<CR>")
        vim.wait_for_state("ready")
        vim.write("V")
        assert vim.wait_for_ghost() == 'alueError("negative size")'


def test_restarting_twice_starts_one_server(start: Start) -> None:
    vim = start()
    begun(vim)
    first = server(vim)
    vim.nvim.command("Polylsp restart")
    vim.nvim.command("Polylsp restart")
    until(lambda: vim.state() == "ready" and server(vim) != first, "another server")
    assert begun(vim) == SUGGESTED
    server(vim)


def test_an_acceptance_is_counted(start: Start) -> None:
    vim = start()
    begun(vim)
    vim.press("<Tab>")
    vim.wait_for_lines(lambda lines: lines[-1].endswith(SUGGESTED))
    status = (
        "local answers = vim.lsp.buf_request_sync(0, 'polylsp/status', {}, 20000) or {} "
        "return select(2, next(answers)).result.accepted"
    )
    until(lambda: vim.lua(status) == 1, "the count")


def test_the_prompt_is_shown(start: Start) -> None:
    vim = start()
    begun(vim)
    vim.press("<Esc>")
    vim.nvim.command("Polylsp prompt")
    until(lambda: vim.nvim.current.buffer.name.endswith("polylsp://prompt"), "the window")
    assert any("def perimeter" in line for line in vim.lines())
    vim.press("q")
    until(lambda: "file" in vim.nvim.current.buffer.name, "the file")


def test_the_log_statistics_and_doctor_are_shown(start: Start) -> None:
    vim = start()
    begun(vim)
    vim.press("<Esc>")
    vim.nvim.command("Polylsp log")
    assert any("ready in" in line for line in vim.lines())
    for name, text in (("stats", "on this machine"), ("doctor", "packages")):
        vim.nvim.command(f"Polylsp {name}")
        until(lambda text=text: any(text in line for line in vim.lines()), name, seconds=120)  # type: ignore[misc]


def test_the_command_completes_its_words(start: Start) -> None:
    vim = start()
    assert "status" in vim.nvim.funcs.getcompletion("Polylsp ", "cmdline")
    assert vim.nvim.funcs.getcompletion("Polylsp p", "cmdline") == ["pause", "prompt"]
    assert vim.nvim.funcs.getcompletion("Polylsp pause l", "cmdline") == ["language"]


def test_checkhealth_is_green(start: Start, saw: Callable[[object], None]) -> None:
    vim = start()
    begun(vim)
    report = health(vim)
    saw(report)
    assert "ERROR" not in report
    assert "WARNING" not in report
    assert "polylsp 0" in report
    assert "ready, model embedded" in report


def health(vim: Neovim) -> str:
    vim.press("<Esc>")
    vim.nvim.command("silent checkhealth polylsp")
    return "\n".join(vim.lines())


def test_checkhealth_names_the_command_that_is_missing(start: Start) -> None:
    start_without = start()
    start_without.lua("vim.env.PATH = '/usr/bin'")
    report = health(start_without)
    assert "the command `polylsp` is missing" in report
    assert ":Polylsp install" in report


def test_a_command_in_the_workspace_is_not_run(start: Start) -> None:
    vim = start()
    trap = vim.home.file("bin/polylsp", "#!/bin/sh\ntouch trapped\n")
    trap.chmod(0o755)
    vim.lua("vim.env.PATH = ... .. ':bin:.:/usr/bin'", str(trap.parent))
    assert "lies in the workspace" in health(vim)
    vim.nvim.command("Polylsp restart")
    vim.edit(vim.home.file("a.py", SHAPES))
    vim.wait_for_state("missing")
    assert not list(vim.home.folder.rglob("trapped"))


def test_only_the_first_setup_names_the_command(start: Start) -> None:
    vim = start()
    begun(vim)
    vim.press("<Esc>")
    vim.lua('require("polylsp").setup({ cmd = { "/bin/false" } })')
    assert "only the first call" in vim.messages()
    vim.wait_for_state("ready")
    assert vim.lua('return require("polylsp.server").find().origin') == "path"


def test_wrong_settings_are_named(start: Start) -> None:
    vim = start()
    _, problems = vim.lua(
        'return { require("polylsp.config").parse({ keys = { acept = "x", next = 5 }, inline = { layer = "me" }, '
        "filetypes = { 1 } }) }"
    )
    assert problems == [
        "filetypes must be string[], not { 1 }",
        'inline.layer must be one of auto, builtin, own, not "me"',
        "keys.acept: there is no such setting (:help polylsp-settings)",
        "keys.next must be string or false, not 5",
    ]


def test_other_mappings_get_the_key_where_nothing_is_shown(start: Start) -> None:
    vim = start()
    vim.lua(
        "vim.keymap.set('i', '<Tab>', function() vim.api.nvim_put({ 'theirs' }, 'c', false, true) end)"
    )
    vim.begin("x = 1")
    vim.press("<Tab>")
    vim.wait_for_lines(lambda lines: lines[-1] == "theirs")
    vim.lua("vim.keymap.set('i', '<Tab>', function() return '<lt>ours>' end, { expr = true })")
    vim.press("<Tab>")
    vim.wait_for_lines(lambda lines: lines[-1] == "theirs<ours>")


def test_suggestions_are_in_the_completion_list_when_asked_for(start: Start) -> None:
    """As the sources of nvim-cmp and blink.cmp ask for it."""
    vim = start("{ completion = true }")
    begun(vim)
    answers = vim.lua(
        "return vim.lsp.buf_request_sync(0, 'textDocument/completion', "
        "vim.lsp.util.make_position_params(0, 'utf-8'), 20000)"
    )
    [answer] = answers.values() if isinstance(answers, dict) else [one for one in answers if one]
    assert answer["result"]["items"][0]["textEdit"]["newText"] == SUGGESTED
    vim.press("<C-x><C-o>")
    until(lambda: vim.nvim.funcs.complete_info(["items"])["items"], "the list")


def test_coming_to_a_file_is_told(start: Start) -> None:
    vim = start()
    begun(vim)
    told = """
    local client = vim.lsp.get_clients({ name = "polylsp" })[1]
    told = {}
    local notify = client.rpc.notify
    client.rpc.notify = function(method, params)
      table.insert(told, { method, params })
      return notify(method, params)
    end
    """
    vim.lua(told)
    vim.press("<Esc>")
    vim.nvim.command("split | enew | wincmd p")
    sent = until(lambda: [p for m, p in vim.lua("return told") if m == "polylsp/didFocus"], "it")
    assert sent[0]["position"]["line"] == 17
