--- Ghost text, whoever draws it: Neovim's own layer from 0.12 on, or the plugin's. Both do the same for a key.

local config = require("polylsp.config")

local M = {}

---@class polylsp.Layer
---@field attach fun(bufnr: integer)
---@field detach fun(bufnr: integer)
---@field visible fun(): boolean
---@field accept fun(part: polylsp.Part): boolean
---@field cycle fun(count: integer)
---@field dismiss fun()
---@field ask fun()

---@return boolean
function M.has_builtin()
  return vim.lsp.inline_completion ~= nil
end

---@return "builtin"|"own"
function M.which()
  local wanted = config.get().inline.layer
  return wanted ~= "own" and M.has_builtin() and "builtin" or "own"
end

---@return polylsp.Layer
local function layer()
  return require("polylsp.inline." .. M.which())
end

--- What the layer needs to see of a connection.
---@param start fun(): vim.lsp.rpc.PublicClient?
---@return vim.lsp.rpc.PublicClient?
function M.connected(start)
  local connection = start()
  if connection and M.which() == "builtin" then
    return require("polylsp.inline.wire").mended(connection)
  end
  return connection
end

---@param bufnr integer
function M.attach(bufnr)
  if config.get().inline.enabled then
    require("polylsp.inline.draw").highlights()
    require("polylsp.keys").attach(bufnr)
    layer().attach(bufnr)
  end
end

---@param bufnr integer
function M.detach(bufnr)
  if config.get().inline.enabled then
    require("polylsp.keys").detach(bufnr)
    layer().detach(bufnr)
  end
end

---@return boolean
function M.visible()
  return config.get().inline.enabled and layer().visible()
end

---@param part polylsp.Part
---@return boolean
function M.accept(part)
  return config.get().inline.enabled and layer().accept(part)
end

---@param count integer
function M.cycle(count)
  layer().cycle(count)
end

function M.dismiss()
  layer().dismiss()
end

function M.ask()
  layer().ask()
end

return M
