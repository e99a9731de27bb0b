--- The keys, in insert mode and only in buffers that polylsp is at work in. Where no suggestion is shown a key
--- does what it did before, whatever plugin gave it that.

local config = require("polylsp.config")
local inline = require("polylsp.inline")

local M = {}

-- Of each key: what it runs, and whether that is only for when a suggestion is shown.
local ACTIONS = {
  accept = { "accept('all')", true },
  accept_word = { "accept('word')", true },
  accept_line = { "accept('line')", true },
  next = { "cycle(1)", true },
  previous = { "cycle(-1)", true },
  dismiss = { "dismiss()", true },
  ask = { "ask()", false },
}

local raw = vim.keycode
local called ---@type fun()?

---@param key string
---@return table? # The mapping that holds in other buffers.
local function global_mapping(key)
  local wanted = raw(key)
  for _, mapping in ipairs(vim.api.nvim_get_keymap("i")) do
    if mapping.lhsraw == wanted or mapping.lhsrawalt == wanted then
      return mapping
    end
  end
  return nil
end

--- Run a mapping that is a function, from the command that stands for it.
function M.call()
  if called then
    called()
  end
end

---@param mapping table
---@return string # Raw keys.
local function evaluated(mapping)
  local result
  if mapping.callback then
    result = mapping.callback()
  else
    local expression = mapping.rhs:gsub("<SID>", ("<SNR>%d_"):format(mapping.sid))
    result = vim.api.nvim_eval(expression)
  end
  result = type(result) == "string" and result or ""
  return mapping.replace_keycodes == 1 and raw(result) or result
end

---@param key string
---@return string # Raw keys.
local function as_before(key)
  local mapping = global_mapping(key)
  if not mapping then
    -- Handed back, a key with Alt would be typed as its letter.
    return key:match("^<[MmAa]%-") and "" or raw(key)
  elseif mapping.expr == 1 then
    return evaluated(mapping)
  elseif mapping.callback then
    called = mapping.callback
    return raw("<Cmd>lua require('polylsp.keys').call()<CR>")
  elseif mapping.noremap == 1 then
    return raw(mapping.rhs)
  end
  vim.api.nvim_feedkeys(raw(mapping.rhs), "im", false)
  return ""
end

---@param bufnr integer
function M.attach(bufnr)
  for name, action in pairs(ACTIONS) do
    local key = config.get().keys[name]
    if key then
      local run = raw(("<Cmd>lua require('polylsp.inline').%s<CR>"):format(action[1]))
      vim.keymap.set("i", key, function()
        local is_ours = not action[2] or inline.visible()
        return is_ours and run or as_before(key)
      end, {
        buffer = bufnr,
        expr = true,
        replace_keycodes = false,
        desc = "polylsp: " .. name:gsub("_", " "),
      })
    end
  end
end

---@param bufnr integer
function M.detach(bufnr)
  for name in pairs(ACTIONS) do
    local key = config.get().keys[name]
    if key then
      pcall(vim.keymap.del, "i", key, { buffer = bufnr })
    end
  end
end

return M
