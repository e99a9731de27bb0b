"""One Neovim with a screen, driven over its own protocol: keys go in, and the screen is looked at."""

from __future__ import annotations

import contextlib
import gc
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.editors.ground.shelf import Editor
from tests.editors.home import ROOT, Home
from tests.editors.waiting import until

PLUGIN = ROOT / "editors" / "neovim"
_NAMESPACES = {"own": "polylsp.inline", "builtin": "nvim.lsp.inline_completion"}
_GHOST = """
local namespace = vim.api.nvim_get_namespaces()[...]
local marks = namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }) or {}
local lines = {}
for _, mark in ipairs(marks) do
  for _, line in ipairs({ mark[4].virt_text or {}, unpack(mark[4].virt_lines or {}) }) do
    table.insert(lines, vim.iter(line):map(function(chunk) return chunk[1] end):join(""))
  end
end
return table.concat(lines, "\\n")
"""
_SCREEN = """
vim.cmd.redraw()
local lines = {}
for row = 1, vim.o.lines do
  local line = ""
  for column = 1, vim.o.columns do line = line .. vim.fn.screenstring(row, column) end
  table.insert(lines, (line:gsub("%s+$", "")))
end
return lines
"""


class Neovim:
    """What is typed is not waited for: that is what looking until something is there is for."""

    def __init__(
        self,
        editor: Editor,
        home: Home,
        layer: str = "own",
        more: Sequence[str] = (),
        **environment: str,
    ) -> None:
        """`more`: what else stands on its command line."""
        self.layer = layer
        self.home = home
        self._files = 0
        variables = {**home.environment, **editor.environment, **environment}
        command = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
        arguments = ["--embed", "--headless", "-n", "-i", "NONE"]
        import pynvim  # Only those who run these tests have it.

        self.nvim = pynvim.attach("child", argv=[*command, *editor.command, *arguments, *more])
        self.nvim.command("cd " + self.nvim.funcs.fnameescape(str(home.workspace)))
        self.nvim.ui_attach(90, 24, rgb=True)

    def lua(self, code: str, *arguments: object) -> Any:
        """What Lua code returns. Fails where Neovim waits for somebody to read a message."""
        if self.nvim.api.get_mode()["blocking"]:
            self.nvim.input("<CR>")
            raise AssertionError(f"Neovim waits for a key: {self.nvim.command_output('messages')}")
        return self.nvim.exec_lua(code, *arguments)

    def edit(self, file: Path) -> None:
        self.nvim.command("edit " + self.nvim.funcs.fnameescape(str(file)))

    def press(self, keys: str) -> None:
        """Keys in Neovim's own notation: `<Tab>`, and `<lt>` for "<"."""
        self.nvim.input(keys)

    def write(self, text: str) -> None:
        """Type text, key by key."""
        keys = text.replace("<", "<lt>").replace("\n", "<CR>").replace("\t", "<C-v><Tab>")
        self.nvim.input(keys)

    def ghost(self) -> str:
        """The suggestion that is drawn, "" for none."""
        return str(self.lua(_GHOST, _NAMESPACES[self.layer]))

    def wait_for_ghost(self, seconds: float = 10) -> str:
        return until(self.ghost, f"a suggestion\n{self.picture()}", seconds=seconds)

    def state(self) -> str:
        return str(self.lua('return require("polylsp").status().state'))

    def wait_for_state(self, *states: str) -> None:
        until(lambda: self.state() in states, f"the state {' or '.join(states)}", seconds=60)

    def begin(self, text: str, line_end: str = "\n") -> Path:
        """Open a new file with this text, and no other; insert mode, on a new line at its end.

        Each has a name of its own: what was turned down in a file is not suggested there again.
        """
        self.press("<Esc>")
        self.nvim.command("silent! %bwipeout!")
        self.nvim.command("messages clear")
        self._files += 1
        file = self.home.file(f"file {self._files}.py", text.replace("\n", line_end))
        self.edit(file)
        self.wait_for_state("ready")
        self.lua("vim.bo.autoindent, vim.bo.indentexpr, vim.bo.smartindent = false, '', false")
        self.press("Go")
        until(lambda: self.nvim.api.get_mode()["mode"] == "i", "insert mode")
        return file

    def lines(self) -> list[str]:
        return list(self.nvim.current.buffer[:])

    def wait_for_lines(self, wanted: Callable[[Sequence[str]], bool]) -> list[str]:
        return until(lambda: lines if wanted(lines := self.lines()) else [], "the text", seconds=10)

    def picture(self) -> str:
        """The screen, as text."""
        lines = self.lua(_SCREEN)
        width = self.nvim.options["columns"]
        return "\n".join(["┌" + "─" * width, *("│" + line for line in lines), "└"])

    def messages(self) -> str:
        return str(
            self.nvim.command_output("messages")
        ).strip()  # Before 0.11 empty lines are kept.

    def quiet_state(self) -> str:
        """The state, where one of several lines may be waiting to be read."""
        if self.nvim.api.get_mode()["blocking"]:
            self.nvim.input("<CR>")
            return ""
        return self.state()

    def quiet_messages(self) -> str:
        """The same, where one of several lines may be waiting to be read."""
        if self.nvim.api.get_mode()["blocking"]:
            self.nvim.input("<CR>")
            return ""
        return self.messages()

    def end(self) -> None:
        with contextlib.suppress(OSError, EOFError):
            for _ in range(5):
                if self.nvim.api.get_mode()["blocking"]:
                    self.nvim.input("<CR>")
            self.nvim.command("qall!")
        # The library closes its loop before what is in it.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            self.nvim.close()
            del self.nvim
            gc.collect()
