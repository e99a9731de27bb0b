--- Tells the server which document came to the front, so that it is read before anything is typed there.

local ask = require("polylsp.ask")
local compat = require("polylsp.compat")

local M = {}

local function tell()
  for _, client in ipairs(vim.lsp.get_clients({ name = "polylsp", bufnr = 0 })) do
    compat.notify(client, "polylsp/didFocus", ask.here(client))
  end
end

function M.watch()
  local group = vim.api.nvim_create_augroup("polylsp.focus", { clear = true })
  vim.api.nvim_create_autocmd({ "BufEnter", "FocusGained" }, { group = group, callback = tell })
end

return M
