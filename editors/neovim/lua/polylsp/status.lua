--- What is known of the servers, and how a status line shows it. Servers tell it whenever it changes.

local M = {}

---@class polylsp.Status
---@field state string As the server has it; or "starting", "restarting", "stopped", "missing".
---@field message? string
---@field model? string
---@field lastMilliseconds? number
---@field percentage? integer Of what is being read or loaded.
---@field [string] any

local of_client = {} ---@type table<integer, polylsp.Status>
local ended = {} ---@type table<integer, true> Clients that Neovim may still list.
local without_client = { state = "stopped", message = "" } ---@type polylsp.Status

local function changed()
  vim.schedule(function()
    vim.api.nvim_exec_autocmds("User", { pattern = "PolylspStatus", modeline = false })
    vim.cmd("redrawstatus!")
  end)
end

---@param client_id integer
---@param status polylsp.Status?
function M.set(client_id, status)
  if status then
    status.percentage = of_client[client_id] and of_client[client_id].percentage
  end
  of_client[client_id] = status
  ended[client_id] = not status or nil
  changed()
end

---@param state string
---@param message? string
function M.set_without_client(state, message)
  without_client = { state = state, message = message or "" }
  changed()
end

---@param client_id integer
---@param value table Of $/progress.
function M.progress(client_id, value)
  local status = of_client[client_id]
  if status then
    status.percentage = value.kind ~= "end" and value.percentage or nil
    changed()
  end
end

---@param client_id integer
---@return polylsp.Status
function M.of(client_id)
  return of_client[client_id] or { state = "starting" }
end

---@param bufnr? integer
---@return vim.lsp.Client?
local function alive(bufnr)
  return vim.iter(vim.lsp.get_clients({ name = "polylsp", bufnr = bufnr })):find(function(client)
    return not ended[client.id]
  end)
end

---@param bufnr? integer
---@return polylsp.Status
function M.get(bufnr)
  local client = alive(bufnr or 0) or alive()
  return client and M.of(client.id) or without_client
end

---@return string # "polylsp: ready 12 ms"; what stands behind the state depends on it.
function M.line()
  local status = M.get()
  local shown = "polylsp: " .. status.state
  if (status.state == "loading" or status.state == "ready") and status.percentage then
    return ("%s %d%%"):format(shown, status.percentage)
  elseif status.state == "ready" and type(status.lastMilliseconds) == "number" then
    return ("%s %.0f ms"):format(shown, status.lastMilliseconds)
  elseif status.state == "paused" and type(status.pausedBy) == "string" then
    return ("%s (%s)"):format(shown, status.pausedBy)
  end
  return shown
end

return M
