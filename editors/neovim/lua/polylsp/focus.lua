--- Tells the server which document came to the front, so that it is read before anything is typed there.

local compat = require("polylsp.compat")

local M = {}

local function tell()
  local bufnr = vim.api.nvim_get_current_buf()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  for _, client in ipairs(vim.lsp.get_clients({ name = "polylsp", bufnr = bufnr })) do
    local line = vim.api.nvim_get_current_line()
    compat.notify(client, "polylsp/didFocus", {
      textDocument = { uri = vim.uri_from_bufnr(bufnr) },
      position = {
        line = row - 1,
        character = compat.character(line, column, client.offset_encoding),
      },
    })
  end
end

function M.watch()
  local group = vim.api.nvim_create_augroup("polylsp.focus", { clear = true })
  vim.api.nvim_create_autocmd({ "BufEnter", "FocusGained" }, { group = group, callback = tell })
end

return M
