--- Text to look at, in a window that `q` closes.

local M = {}

---@param name string
---@param text string
---@param filetype? string
---@return integer bufnr
function M.show(name, text, filetype)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, vim.split(text, "\r?\n"))
  vim.bo[bufnr].bufhidden = "wipe"
  vim.bo[bufnr].modifiable = false
  if filetype then
    -- Syntax only: a scratch buffer is no file to start servers for.
    vim.bo[bufnr].syntax = filetype
  end
  vim.cmd("botright split")
  vim.api.nvim_win_set_buf(0, bufnr)
  pcall(vim.api.nvim_buf_set_name, bufnr, "polylsp://" .. name)
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = bufnr, nowait = true })
  return bufnr
end

return M
