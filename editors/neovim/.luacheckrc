std = "luajit"
max_line_length = 115
read_globals = { "vim" }
globals = { "vim.b", "vim.bo", "vim.env", "vim.g", "vim.o", "vim.v", "vim.wo", "vim.cmd" }
files["lua/polylsp/types.lua"] = { max_line_length = false } -- Written by a script.
