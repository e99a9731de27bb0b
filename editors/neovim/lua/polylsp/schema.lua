--- Every setting of the plugin: its type, default and description, here and nowhere else. The help file, the
--- types that editors of configurations see, and the check of what a user gives all come from this table.

---@class polylsp.Option
---@field name string As in setup: "keys.accept".
---@field type string As LuaCATS writes it.
---@field default any
---@field about string
---@field choices? string[]

---@type polylsp.Option[]
return {
  {
    name = "cmd",
    type = "string[]|nil",
    default = nil,
    about = "The server's command and its arguments, by its full path. Left out: the environment that `:Polylsp "
      .. "install` made, else `polylsp` on PATH. Only the first call of setup() can set it.",
  },
  {
    name = "filetypes",
    type = "string[]",
    default = {
      "c",
      "cpp",
      "cs",
      "cuda",
      "go",
      "java",
      "javascript",
      "javascriptreact",
      "php",
      "python",
      "ruby",
      "rust",
      "scala",
      "typescript",
      "typescriptreact",
    },
    about = "Where it suggests.",
  },
  {
    name = "root_markers",
    type = "string[]",
    default = { ".git" },
    about = "What stands in the folder that is the workspace.",
  },
  {
    name = "settings",
    type = "table",
    default = {},
    about = "The server's own settings, as docs/configuration.md lists them: "
      .. '`{ suggest = { confidence = "quiet" } }`.',
  },
  {
    name = "inline.enabled",
    type = "boolean",
    default = true,
    about = "Show suggestions as ghost text.",
  },
  {
    name = "inline.layer",
    type = "string",
    default = "auto",
    choices = { "auto", "builtin", "own" },
    about = "Who draws it: `builtin`, Neovim 0.12's vim.lsp.inline_completion; `own`, the plugin; `auto`, the "
      .. "built-in one where there is one.",
  },
  {
    name = "completion",
    type = "boolean",
    default = false,
    about = "Offer suggestions in the completion list too, for nvim-cmp, blink.cmp and the like.",
  },
  {
    name = "keys.accept",
    type = "string|false",
    default = "<Tab>",
    about = "Insert the suggestion. Does what it did before where none is shown.",
  },
  {
    name = "keys.accept_word",
    type = "string|false",
    default = "<M-Right>",
    about = "Insert the suggestion's next word.",
  },
  {
    name = "keys.accept_line",
    type = "string|false",
    default = "<M-Down>",
    about = "Insert the suggestion's next line.",
  },
  {
    name = "keys.next",
    type = "string|false",
    default = "<M-n>",
    about = "Show the next candidate; asks for several where there is only one.",
  },
  {
    name = "keys.previous",
    type = "string|false",
    default = "<M-p>",
    about = "Show the candidate before.",
  },
  {
    name = "keys.dismiss",
    type = "string|false",
    default = "<C-]>",
    about = "Take the suggestion away. Does what it did before where none is shown.",
  },
  {
    name = "keys.ask",
    type = "string|false",
    default = "<M-\\>",
    about = "Ask for suggestions here and now, several of them.",
  },
  {
    name = "restart.attempts",
    type = "integer",
    default = 5,
    about = "How often in a row a server that died is started again.",
  },
  {
    name = "restart.delay",
    type = "integer",
    default = 500,
    about = "Milliseconds before the first of these; twice as long before each further one.",
  },
  {
    name = "install.python",
    type = "string|nil",
    default = nil,
    about = "The Python that `:Polylsp install` makes the environment with. Left out: the newest that is found.",
  },
  {
    name = "install.package",
    type = "string|nil",
    default = nil,
    about = "What `:Polylsp install` installs: a wheel, or a clone of polylsp. Left out: the wheel that the "
      .. "plugin carries, else the clone that it is in.",
  },
  {
    name = "install.wheels",
    type = "string|nil",
    default = nil,
    about = "A folder of wheels that everything is installed from, without a network. Left out: what pip is "
      .. "configured to ask.",
  },
}
