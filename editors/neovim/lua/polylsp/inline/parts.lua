--- How much of a suggestion's text a key accepts.

local M = {}

---@alias polylsp.Part "all"|"word"|"line"

---@param text string
---@return string
local function word(text)
  -- Line ends and the indentation behind them go with the word that they lead to.
  local space, rest = text:match("^(%s*)(.*)$")
  -- Bytes from 128 on are parts of characters beyond ASCII: those count as letters.
  local run = rest:match("^[%w_\128-\255]+") or rest:match("^[^%w_%s\128-\255]+") or ""
  return space .. run
end

---@param text string
---@return string
local function line(text)
  local first = text:match("^[^\n]*")
  if first ~= "" then
    return first
  end
  return text:match("^\n[^\n]*") or text
end

---@param text string
---@param part polylsp.Part
---@return string accepted
---@return string rest
function M.split(text, part)
  local accepted = text
  if part == "word" then
    accepted = word(text)
  elseif part == "line" then
    accepted = line(text)
  end
  return accepted, text:sub(#accepted + 1)
end

return M
