--- What the server and its command line are asked for: commands over the connection, and `polylsp …` beside it.

local compat = require("polylsp.compat")
local server = require("polylsp.server")

local M = {}

---@param message string
function M.warn(message)
  require("polylsp.tell").user(message)
end

---@return vim.lsp.Client? # The one at work in the current buffer, else any; warns where there is none.
function M.client()
  local clients = vim.lsp.get_clients({ name = "polylsp", bufnr = 0 })
  local client = clients[1] or vim.lsp.get_clients({ name = "polylsp" })[1]
  if not client then
    M.warn("no server is running (:checkhealth polylsp says why)")
  end
  return client
end

---@param command string
---@param arguments table[]
---@param and_then fun(result: any)
function M.execute(command, arguments, and_then)
  local client = M.client()
  if not client then
    return
  end
  local params = { command = command, arguments = arguments }
  compat.request(client, "workspace/executeCommand", params, function(err, result)
    if err then
      M.warn(err.message)
    else
      and_then(result)
    end
  end, vim.api.nvim_get_current_buf())
end

---@param client vim.lsp.Client
---@return table # Where the cursor is, as the protocol says it.
function M.here(client)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local line = vim.api.nvim_get_current_line()
  return {
    textDocument = { uri = vim.uri_from_bufnr(0) },
    position = {
      line = row - 1,
      character = compat.character(line, column, client.offset_encoding),
    },
  }
end

--- Run `polylsp …` and hand on what it prints.
---@param arguments string[]
---@param and_then fun(output: string, ok: boolean)
function M.run(arguments, and_then)
  local found, why = server.find()
  if not found then
    M.warn(why or "")
    return
  end
  local command = vim.list_extend(vim.list_slice(found.command), arguments)
  local options = { text = true, cwd = vim.uv.os_homedir(), env = { PYTHONIOENCODING = "utf-8" } }
  vim.system(
    command,
    options,
    vim.schedule_wrap(function(done)
      local said = done.code == 0 and done.stdout or done.stdout .. done.stderr
      and_then(vim.trim(said), done.code == 0)
    end)
  )
end

return M
