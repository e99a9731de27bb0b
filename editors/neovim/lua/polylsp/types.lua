--- The settings' types, for editors of configurations. Written by scripts/generate.lua; do not edit.
---@meta

---@class polylsp.Config
---@field cmd string[]|nil The server's command and its arguments, by its full path. Left out: the environment that `:Polylsp install` made, else `polylsp` on PATH. Only the first call of setup() can set it.
---@field filetypes string[] Where it suggests.
---@field root_markers string[] What stands in the folder that is the workspace.
---@field settings table The server's own settings, as docs/configuration.md lists them: `{ suggest = { confidence = "quiet" } }`.
---@field inline polylsp.Config.inline
---@field completion boolean Offer suggestions in the completion list too, for nvim-cmp, blink.cmp and the like.
---@field keys polylsp.Config.keys
---@field restart polylsp.Config.restart
---@field install polylsp.Config.install

---@class polylsp.Config.inline
---@field enabled boolean Show suggestions as ghost text.
---@field layer "auto"|"builtin"|"own" Who draws it: `builtin`, Neovim 0.12's vim.lsp.inline_completion; `own`, the plugin; `auto`, the built-in one where there is one.

---@class polylsp.Config.keys
---@field accept string|false Insert the suggestion. Does what it did before where none is shown.
---@field accept_word string|false Insert the suggestion's next word.
---@field accept_line string|false Insert the suggestion's next line.
---@field next string|false Show the next candidate; asks for several where there is only one.
---@field previous string|false Show the candidate before.
---@field dismiss string|false Take the suggestion away. Does what it did before where none is shown.
---@field ask string|false Ask for suggestions here and now, several of them.

---@class polylsp.Config.restart
---@field attempts integer How often in a row a server that died is started again.
---@field delay integer Milliseconds before the first of these; twice as long before each further one.

---@class polylsp.Config.install
---@field python string|nil The Python that `:Polylsp install` makes the environment with. Left out: the newest that is found.
---@field package string|nil What `:Polylsp install` installs: a wheel, or a clone of polylsp. Left out: the wheel that the plugin carries, else the clone that it is in.
---@field wheels string|nil A folder of wheels that everything is installed from, without a network. Left out: what pip is configured to ask.

---@class polylsp.Settings
---@field cmd? string[]|nil The server's command and its arguments, by its full path. Left out: the environment that `:Polylsp install` made, else `polylsp` on PATH. Only the first call of setup() can set it.
---@field filetypes? string[] Where it suggests.
---@field root_markers? string[] What stands in the folder that is the workspace.
---@field settings? table The server's own settings, as docs/configuration.md lists them: `{ suggest = { confidence = "quiet" } }`.
---@field inline? polylsp.Settings.inline
---@field completion? boolean Offer suggestions in the completion list too, for nvim-cmp, blink.cmp and the like.
---@field keys? polylsp.Settings.keys
---@field restart? polylsp.Settings.restart
---@field install? polylsp.Settings.install

---@class polylsp.Settings.inline
---@field enabled? boolean Show suggestions as ghost text.
---@field layer? "auto"|"builtin"|"own" Who draws it: `builtin`, Neovim 0.12's vim.lsp.inline_completion; `own`, the plugin; `auto`, the built-in one where there is one.

---@class polylsp.Settings.keys
---@field accept? string|false Insert the suggestion. Does what it did before where none is shown.
---@field accept_word? string|false Insert the suggestion's next word.
---@field accept_line? string|false Insert the suggestion's next line.
---@field next? string|false Show the next candidate; asks for several where there is only one.
---@field previous? string|false Show the candidate before.
---@field dismiss? string|false Take the suggestion away. Does what it did before where none is shown.
---@field ask? string|false Ask for suggestions here and now, several of them.

---@class polylsp.Settings.restart
---@field attempts? integer How often in a row a server that died is started again.
---@field delay? integer Milliseconds before the first of these; twice as long before each further one.

---@class polylsp.Settings.install
---@field python? string|nil The Python that `:Polylsp install` makes the environment with. Left out: the newest that is found.
---@field package? string|nil What `:Polylsp install` installs: a wheel, or a clone of polylsp. Left out: the wheel that the plugin carries, else the clone that it is in.
---@field wheels? string|nil A folder of wheels that everything is installed from, without a network. Left out: what pip is configured to ask.
