--- Neovim 0.12's layer, vim.lsp.inline_completion: it asks and draws. Inserting is done here: it would insert a
--- suggestion where it was made, before what was typed since.

local compat = require("polylsp.compat")
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
---@param client vim.lsp.Client
---@param bufnr integer
---@return polylsp.Item?
local function read(found, client, bufnr)
  -- Its own range is of a type that is not settled yet; what was sent is.
  local raw = wire.item(found.insert_text)
  if not raw or not raw.range then
    return nil
  end
  local column = vim.api.nvim_win_get_cursor(0)[2]
  local row = raw.range.start.line
  local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ""
  return {
    text = raw.insertText,
    row = row,
    first = compat.column(line, raw.range.start.character, client.offset_encoding),
    over = "",
    behind = line:sub(column + 1),
    command = raw.command,
  }
end

---@param part polylsp.Part
---@return boolean
function M.accept(part)
  local bufnr = vim.api.nvim_get_current_buf()
  local found = taken()
  local client = found and vim.lsp.get_client_by_id(found.client_id)
  local one = found and client and read(found, client, bufnr)
  local left = one and item.rest(one, bufnr)
  if not one or not left or not client then
    return false
  end
  local accepted, behind = parts.split(left.text, part)
  item.insert(bufnr, left, accepted, behind == "")
  if behind == "" and one.command then
    client:exec_cmd(one.command, { bufnr = bufnr })
  end
  return true
end

--- Ask for several suggestions here and now, as far as the layer does: a while after.
---@param and_then? fun()
local function ask(and_then)
  wire.ask_by_hand(and_then or function() end)
  local group = "nvim.lsp.inline_completion:" .. vim.api.nvim_get_current_buf()
  vim.api.nvim_exec_autocmds("CursorMovedI", { group = group, buffer = 0, modeline = false })
end

---@param count integer
function M.cycle(count)
  if wire.count() > 1 then
    vim.lsp.inline_completion.select({ count = count })
    return
  end
  ask(function()
    if wire.count() > 1 then
      vim.lsp.inline_completion.select({ count = count })
    end
  end)
end

function M.dismiss()
  taken()
end

function M.ask()
  ask()
end

return M
