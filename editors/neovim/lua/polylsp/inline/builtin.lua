--- Neovim 0.12's layer, vim.lsp.inline_completion: it asks and draws. Inserting is done here: it would insert a
--- suggestion where it was made, before what was typed since.

local item = require("polylsp.inline.item")
local parts = require("polylsp.inline.parts")
local wire = require("polylsp.inline.wire")

local M = {}

local MOST = 200 -- Milliseconds that it may take to hand its suggestion over; it is the next turn of the loop.

---@param bufnr integer
function M.attach(bufnr)
  vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
end

---@param bufnr integer
function M.detach(bufnr)
  vim.lsp.inline_completion.enable(false, { bufnr = bufnr })
end

---@return boolean
function M.visible()
  local namespace = vim.api.nvim_create_namespace("nvim.lsp.inline_completion")
  return #vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { limit = 1 }) > 0
end

--- Take what is shown away from the layer.
---@return table? # vim.lsp.inline_completion.Item
local function taken()
  local found, done
  local is_there = vim.lsp.inline_completion.get({
    on_accept = function(one)
      found, done = one, true
    end,
  })
  -- It is handed over a turn of the loop later; a key typed meanwhile must not come first.
  if is_there then
    vim.wait(MOST, function()
      return done
    end, 1)
  end
  return found
end

---@param found table
---@param bufnr integer
---@return polylsp.Item
local function read(found, bufnr)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local line = vim.api.nvim_buf_get_lines(bufnr, row - 1, row, false)[1] or ""
  return {
    text = found.insert_text,
    row = found.range.start.row,
    first = found.range.start.col,
    over = "",
    behind = line:sub(column + 1),
    command = found.command,
  }
end

---@param part polylsp.Part
---@return boolean
function M.accept(part)
  local bufnr = vim.api.nvim_get_current_buf()
  local found = taken()
  if not found or type(found.insert_text) ~= "string" or not found.range then
    return false
  end
  local one = read(found, bufnr)
  local left = item.rest(one, bufnr)
  if not left then
    return false
  end
  local accepted, behind = parts.split(left.text, part)
  item.insert(bufnr, left, accepted, behind == "")
  local client = vim.lsp.get_client_by_id(found.client_id)
  if behind == "" and one.command and client then
    client:exec_cmd(one.command, { bufnr = bufnr })
  end
  return true
end

---@param count integer
function M.cycle(count)
  if M.visible() then
    vim.lsp.inline_completion.select({ count = count })
  end
end

function M.dismiss()
  taken()
end

--- Ask for several suggestions here and now, as far as the layer does: a while after.
function M.ask()
  wire.ask_by_hand()
  local group = "nvim.lsp.inline_completion:" .. vim.api.nvim_get_current_buf()
  vim.api.nvim_exec_autocmds("CursorMovedI", { group = group, buffer = 0, modeline = false })
end

return M
