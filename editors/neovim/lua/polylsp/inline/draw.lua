--- Ghost text: what is left of a suggestion, drawn behind the cursor.

local M = {}

local namespace = vim.api.nvim_create_namespace("polylsp.inline")

---@param text string
---@param column integer The screen column it starts at.
---@return string # Tabs are as wide as in the buffer: virtual text would show them as ^I.
local function expanded(text, column)
  local width = vim.bo.tabstop
  local shown, at = {}, column
  for piece, tab in text:gmatch("([^\t]*)(\t?)") do
    table.insert(shown, piece)
    at = at + vim.fn.strdisplaywidth(piece)
    if tab ~= "" then
      local fill = width - at % width
      table.insert(shown, (" "):rep(fill))
      at = at + fill
    end
  end
  return table.concat(shown)
end

---@param bufnr integer
---@param rest polylsp.Rest
---@param note string Shown behind it: which candidate this is.
function M.show(bufnr, rest, note)
  local line = vim.api.nvim_buf_get_lines(bufnr, rest.row, rest.row + 1, false)[1] or ""
  local lines = vim.split(rest.text, "\n", { plain = true })
  local over = line:sub(rest.column + 1, rest.last)
  local position = "inline"
  if over ~= "" and #lines == 1 and vim.endswith(lines[1], over) then
    lines[1] = lines[1]:sub(1, #lines[1] - #over) -- What stands there already stays as it is.
  elseif over ~= "" then
    position = "overlay"
  end
  local at = vim.fn.strdisplaywidth(line:sub(1, rest.column))
  local chunks = {}
  for index, one in ipairs(lines) do
    chunks[index] = { { expanded(one, index == 1 and at or 0), "PolylspSuggestion" } }
  end
  if note ~= "" then
    table.insert(chunks[#chunks], { note, "PolylspNote" })
  end
  vim.api.nvim_buf_set_extmark(bufnr, namespace, rest.row, rest.column, {
    id = 1,
    virt_text = chunks[1],
    virt_text_pos = position,
    virt_lines = #chunks > 1 and vim.list_slice(chunks, 2) or nil,
    hl_mode = "combine",
  })
end

---@param bufnr integer
function M.clear(bufnr)
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

function M.highlights()
  -- 0.12 has a group of its own for this; older ones show comments' colour.
  local hint = vim.fn.hlexists("ComplHint") == 1 and "ComplHint" or "NonText"
  vim.api.nvim_set_hl(0, "PolylspSuggestion", { link = hint, default = true })
  vim.api.nvim_set_hl(0, "PolylspNote", { link = "Comment", default = true })
end

return M
