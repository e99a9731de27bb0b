std = "luajit"
max_line_length = 115
read_globals = { "vim" }
globals = { "vim.b", "vim.bo", "vim.g", "vim.o", "vim.wo" }
