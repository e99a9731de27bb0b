"""Ghost text from the real model, in real Neovims, with a screen attached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.editors.neovim.driver import Neovim
from tests.editors.waiting import until

SHAPES = '''def area(width, height):
    """Return the area."""
    if width < 0 or height < 0:
        raise ValueError("negative size")
    return width * height


def volume(width, height, depth):
    """Return the volume."""
    if width < 0 or height < 0:
        raise ValueError("negative size")
    return width * height * depth


def perimeter(width, height):
    """Return the perimeter."""
    if width < 0 or height < 0:
'''
SUGGESTED = 'raise ValueError("negative size")'


def begun(vim: Neovim, text: str = SHAPES, typed: str = "        ", **about: str) -> str:
    """Type at the end of a text; the suggestion that comes."""
    vim.begin(text, **about)
    vim.write(typed)
    return vim.wait_for_ghost()


def test_typing_shows_ghost_text(vim: Neovim, saw: Callable[[object], None]) -> None:
    assert begun(vim) == SUGGESTED
    picture = vim.picture()
    assert f"        {SUGGESTED}" in picture
    saw(f"the screen, {vim.lua('return tostring(vim.version())')}, layer {vim.layer}:\n{picture}")
    assert vim.lines()[-1] == "        "  # It is not in the text.


def test_tab_inserts_the_ghost_text(vim: Neovim) -> None:
    begun(vim)
    vim.press("<Tab>")
    vim.wait_for_lines(lambda lines: lines[-1] == f"        {SUGGESTED}")
    assert vim.ghost() == ""
    assert vim.nvim.current.window.cursor[1] == len(f"        {SUGGESTED}")


def test_what_is_typed_behind_tab_comes_behind_the_ghost_text(vim: Neovim) -> None:
    begun(vim)
    vim.press("<Tab>  # no<Esc>")
    vim.wait_for_lines(lambda lines: lines[-1] == f"        {SUGGESTED}  # no")


def test_tab_without_ghost_text_is_a_tab(vim: Neovim) -> None:
    vim.begin("x = 1  # done\n")
    vim.press("<Tab>y")
    vim.wait_for_lines(lambda lines: lines[-1] in ("\ty", "    y"))


def test_words_are_accepted_one_by_one_and_typing_goes_on(vim: Neovim) -> None:
    begun(vim)
    vim.press("<M-Right>")
    vim.wait_for_lines(lambda lines: lines[-1] == "        raise")
    until(lambda: vim.ghost() == ' ValueError("negative size")', "what is left of it")
    vim.press("<M-Right>")
    vim.wait_for_lines(lambda lines: lines[-1] == "        raise ValueError")
    vim.write("(")
    until(lambda: vim.ghost() == '"negative size")', "what is left of it")
    vim.press("<Tab>")
    vim.wait_for_lines(lambda lines: lines[-1] == f"        {SUGGESTED}")


def asked(vim: Neovim) -> str:
    """Ask by hand where a block begins; the first of several candidates."""
    vim.begin(SHAPES.rpartition("    if")[0].rstrip("\n"))
    vim.write("    ")
    vim.press(r"<M-\>")
    vim.wait_for_ghost(30)
    vim.press("<M-n>")
    until(lambda: "(2/" in vim.ghost(), "the second of several candidates")
    vim.press("<M-p>")
    return until(lambda: text if "(1/" in (text := vim.ghost()) else "", "the first")


def test_a_line_is_accepted_of_several(vim: Neovim) -> None:
    shown = asked(vim)
    for _ in range(3):
        if "\n" in shown:
            break
        vim.press("<M-n>")
        shown = until(lambda old=shown: new if (new := vim.ghost()) != old else "", "the next")  # type: ignore[misc]
    first, _, behind = shown.partition("\n")
    assert behind
    vim.press("<M-Down>")
    vim.wait_for_lines(lambda lines: lines[-1] == f"    {first}")


def test_typing_along_keeps_the_ghost_text(vim: Neovim) -> None:
    begun(vim)
    for at, letter in enumerate("raise", start=1):
        vim.write(letter)
        until(lambda rest=SUGGESTED[at:]: vim.ghost() == rest, "what is left of it")  # type: ignore[misc]
    vim.press("<Tab>")
    vim.wait_for_lines(lambda lines: lines[-1] == f"        {SUGGESTED}")


def test_tab_right_behind_a_letter_inserts_the_rest(vim: Neovim) -> None:
    begun(vim)
    vim.press("r<Tab>")
    vim.wait_for_lines(lambda lines: lines[-1] == f"        {SUGGESTED}")


def test_typing_against_it_takes_it_away(vim: Neovim) -> None:
    begun(vim)
    vim.write("pass")
    vim.wait_for_lines(lambda lines: lines[-1] == "        pass")
    until(lambda: "raise" not in vim.ghost(), "its end")


def test_leaving_insert_mode_takes_it_away(vim: Neovim) -> None:
    begun(vim)
    vim.press("<Esc>")
    until(lambda: vim.ghost() == "", "its end")
    assert SUGGESTED not in vim.lines()[-1]


def test_it_is_dismissed(vim: Neovim) -> None:
    begun(vim)
    vim.press("<C-]>")
    until(lambda: vim.ghost() == "", "its end")
    assert vim.lines()[-1] == "        "
    vim.press("<Tab>x")
    vim.wait_for_lines(lambda lines: lines[-1].endswith("x"))
    assert "raise" not in vim.lines()[-1]


def test_the_next_candidate_and_the_one_before(vim: Neovim) -> None:
    first = asked(vim)
    vim.press("<M-n>")
    second = until(lambda: text if "(2/" in (text := vim.ghost()) else "", "the second")
    assert first.partition(" (1/")[0] != second.partition(" (2/")[0]
    vim.press("<M-p>")
    until(lambda: vim.ghost() == first, "the first")
    vim.press("<M-n>")
    until(lambda: vim.ghost() == second, "the second again")
    vim.press("<Tab>")
    wanted = "    " + second.partition(" (2/")[0].partition("\n")[0]
    vim.wait_for_lines(lambda lines: wanted in lines)


def test_undo_takes_back_the_ghost_text_alone(vim: Neovim) -> None:
    begun(vim)
    vim.write("raise")
    until(lambda: vim.ghost() == ' ValueError("negative size")', "what is left of it")
    vim.press("<Tab>")
    vim.wait_for_lines(lambda lines: lines[-1] == f"        {SUGGESTED}")
    vim.press("<Esc>u")
    vim.wait_for_lines(lambda lines: lines[-1] == "        raise")
    vim.press("<C-r>")
    vim.wait_for_lines(lambda lines: lines[-1] == f"        {SUGGESTED}")
    vim.nvim.command("messages clear")  # Neovim tells what it undid.


def test_fast_typing_and_leaving_leave_no_error(vim: Neovim) -> None:
    vim.begin(SHAPES)
    for _ in range(6):
        vim.write("        raise ValueError")
        vim.press("<Esc>ccx<BS>")
    vim.press("<Esc>")
    until(lambda: vim.nvim.api.get_mode()["mode"] == "n", "normal mode")
    until(lambda: vim.ghost() == "", "no ghost text")
    log = vim.home.folder / ".local/state/nvim/lsp.log"
    assert not log.exists() or "ERROR" not in log.read_text("utf-8")


def test_with_the_popup_menu_open_it_is_shown_and_inserted(vim: Neovim) -> None:
    vim.begin(SHAPES)
    vim.write("        rai")
    vim.press("<C-n>")
    until(lambda: vim.nvim.funcs.pumvisible() or vim.lines()[-1].endswith("raise"), "the menu")
    vim.wait_for_ghost()
    vim.press("<Tab>")
    vim.wait_for_lines(lambda lines: lines[-1] == f"        {SUGGESTED}")
    until(lambda: not vim.nvim.funcs.pumvisible(), "the menu's end")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(
    "odd",
    ["é", "e\u0301", "😀", "👩\u200d👩\u200d👧", "日本", "\t"],
    ids=["é", "e+acute", "😀", "family", "日本", "tab"],
)
def test_the_text_is_exact_behind_any_character(vim: Neovim, odd: str, line_end: str) -> None:
    line = f'    show("{odd}", width, height)'
    text = "".join(f"def shape{at}(width, height):\n{line}\n\n" for at in range(4))
    typed = f'    show("{odd}", wid'
    suggested = begun(vim, f"{text}def shape(width, height):", typed, line_end=line_end)
    before = vim.lines()
    assert suggested.startswith("th,")
    vim.press("<Tab>")
    wanted = [*before[:-1], typed + suggested]
    vim.wait_for_lines(lambda lines: list(lines) == wanted)
    vim.press("<Esc>")
    vim.nvim.command("silent write")
    written = Path(vim.nvim.current.buffer.name).read_bytes().decode()
    assert written == line_end.join(wanted) + line_end
