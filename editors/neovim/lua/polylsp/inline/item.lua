--- A suggestion as it lies over a buffer: what is left of it behind the cursor, and how it gets into the text.

local compat = require("polylsp.compat")

local M = {}

---@class polylsp.Item
---@field text string Line ends are "\n".
---@field row integer 0-based; of its first line.
---@field first integer The byte column where it starts …
---@field over string What it replaces behind the cursor …
---@field behind string … and what stands on that line behind that.
---@field command? table

---@param bufnr integer
---@param row integer
---@return string
local function line_at(bufnr, row)
  return vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ""
end

---@param raw table As the server sent it.
---@param bufnr integer
---@param encoding string
---@return polylsp.Item? # Nothing where it is not for the cursor's line.
function M.read(raw, bufnr, encoding)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  row = row - 1
  local line = line_at(bufnr, row)
  local text = type(raw.insertText) == "table" and raw.insertText.value or raw.insertText
  local item = { text = text:gsub("\r\n?", "\n"), row = row, command = raw.command }
  item.first, item.over, item.behind = column, "", line:sub(column + 1)
  if type(raw.range) == "table" then
    if raw.range.start.line ~= row or raw.range["end"].line ~= row then
      return nil
    end
    item.first = compat.column(line, raw.range.start.character, encoding)
    local last = compat.column(line, raw.range["end"].character, encoding)
    item.over, item.behind = line:sub(column + 1, last), line:sub(last + 1)
  end
  return item
end

---@class polylsp.Rest
---@field row integer
---@field column integer Of the cursor, in bytes.
---@field text string What is not typed yet.
---@field last integer The byte column up to which it replaces what stands behind the cursor.

---@param item polylsp.Item
---@param bufnr integer
---@return polylsp.Rest? # Nothing where what was typed since is not what it says.
function M.rest(item, bufnr)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local line = line_at(bufnr, row - 1)
  if row - 1 ~= item.row or column < item.first or not vim.endswith(line, item.behind) then
    return nil
  end
  local typed, last = line:sub(item.first + 1, column), #line - #item.behind
  local over = line:sub(column + 1, last)
  -- Some have closing brackets inserted as soon as they open one: the suggestion brings its own.
  local is_same = last >= column and (over == item.over or over:match("^[%)%]}\"'`>]+$") ~= nil)
  if not is_same or not vim.startswith(item.text, typed) or #item.text == #typed then
    return nil
  end
  return { row = item.row, column = column, text = item.text:sub(#typed + 1), last = last }
end

---@param bufnr integer
---@param rest polylsp.Rest
---@param accepted string The first part of its text, or all of it.
---@param whole boolean
function M.insert(bufnr, rest, accepted, whole)
  -- What is typed before and behind can be undone without it.
  vim.bo[bufnr].undolevels = vim.bo[bufnr].undolevels
  local lines = vim.split(accepted, "\n", { plain = true })
  local last = whole and rest.last or rest.column
  vim.api.nvim_buf_set_text(bufnr, rest.row, rest.column, rest.row, last, lines)
  local column = #lines[#lines] + (#lines == 1 and rest.column or 0)
  vim.api.nvim_win_set_cursor(0, { rest.row + #lines, column })
end

return M
