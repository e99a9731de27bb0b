--- Messages that nobody has to press Enter for: what is too long for the command line is cut there, and whole in
--- `:Polylsp status`.

local M = {}

local last = ""

---@param message string
---@param level? integer
function M.user(message, level)
  local text = "polylsp: " .. message:gsub("%s+", " ")
  last = message
  local room = vim.v.echospace
  if vim.fn.strdisplaywidth(text) > room then
    local hint = "… (:Polylsp status)"
    text = vim.fn.strcharpart(text, 0, room - vim.fn.strchars(hint)) .. hint
  end
  vim.notify(text, level or vim.log.levels.WARN)
end

---@return string # What the user was told last, whole.
function M.last()
  return last
end

return M
