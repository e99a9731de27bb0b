--- The server's life: started where a file of its languages is open, started again when it dies, stopped on
--- demand. Restarts wait longer each time, and end after some.

local compat = require("polylsp.compat")
local config = require("polylsp.config")
local inline = require("polylsp.inline")
local server = require("polylsp.server")
local status = require("polylsp.status")
local tell = require("polylsp.tell")

local M = {}

local NAME = "polylsp"
local LONG_ENOUGH = 60000 -- Milliseconds after which a server that dies counts as the first to do so.

local told_of_version = false
local attempts = 0
local started = 0
local stopping = false -- It was asked to end: that is no crash.
local queued = false -- A start waits for its time: there is never a second one.

---@param message string
local function complain(message)
  vim.schedule(function()
    tell.user(message, vim.log.levels.ERROR)
  end)
end

---@return string
function M.log_path()
  return vim.fs.normalize(vim.fn.stdpath("log") .. "/polylsp.log")
end

local function bring_back()
  local options = config.get().restart
  attempts = vim.uv.now() - started > LONG_ENOUGH and 1 or attempts + 1
  if attempts > options.attempts then
    status.set_without_client("stopped", "it died too often")
    complain(
      ("the server died %d times in a row; :Polylsp log shows why, :Polylsp restart tries again"):format(
        attempts
      )
    )
    return
  end
  status.set_without_client("restarting")
  queued = true
  vim.defer_fn(function()
    if queued then
      M.start()
    end
  end, options.delay * 2 ^ (attempts - 1))
end

--- Say so, once, where the server is older than the plugin: what they tell each other may differ.
---@param version string
local function compare(version)
  local own = require("polylsp.version")
  if told_of_version or not vim.version.lt(version, own) then
    return
  end
  told_of_version = true
  local found = server.find()
  local remedy = found and found.origin == "environment" and ":Polylsp install upgrades it"
    or "upgrade it"
  tell.user(("the server is %s, the plugin %s; %s"):format(version, own, remedy))
end

---@param code integer
---@param signal integer
local function ended(code, signal)
  vim.schedule(function()
    inline.dismiss()
    if vim.v.exiting ~= vim.NIL then
      return
    elseif stopping or (code == 0 and signal == 0) then
      status.set_without_client("stopped")
    elseif not queued then
      bring_back()
    end
  end)
end

---@param arguments string[]
---@return fun(dispatchers: vim.lsp.rpc.Dispatchers): vim.lsp.rpc.PublicClient?
local function connect(arguments)
  return function(dispatchers)
    local told = dispatchers.on_exit
    -- A server that dies is started again: Neovim need not have anybody press Enter for it.
    dispatchers.on_exit = function(code, signal)
      ended(code, signal)
      told(0, 0)
    end
    return inline.connected(function()
      return vim.lsp.rpc.start(arguments, dispatchers)
    end)
  end
end

---@return table
local function capabilities()
  local known = vim.lsp.protocol.make_client_capabilities()
  known.experimental = vim.tbl_extend("force", known.experimental or {}, { polylspStatus = true })
  -- The server offers list items to those that cannot show any other.
  local shows = config.get().inline.enabled and { dynamicRegistration = false } or nil
  known.textDocument.inlineCompletion = shows
  return known
end

---@return table
local function settings()
  local wanted = vim.deepcopy(config.get().settings)
  if config.get().completion then
    wanted = vim.tbl_deep_extend("force", wanted, { lsp = { completion = "on" } })
  end
  return next(wanted) and wanted or vim.empty_dict()
end

---@param command string[]
---@return vim.lsp.ClientConfig
local function client_config(command)
  local arguments = vim.list_extend(vim.list_slice(command), { "lsp", "--log-file", M.log_path() })
  return {
    name = NAME,
    cmd = connect(arguments),
    filetypes = config.get().filetypes,
    root_markers = config.get().root_markers,
    capabilities = capabilities(),
    init_options = settings(),
    settings = { polylsp = settings() },
    -- The server begins with a suggestion when it hears of a key, before it is asked.
    flags = { debounce_text_changes = 0 },
    handlers = {
      ["window/showMessage"] = function(_, shown)
        local levels = { vim.log.levels.ERROR, vim.log.levels.WARN }
        tell.user(shown.message:gsub("^polylsp:? ", ""), levels[shown.type] or vim.log.levels.INFO)
      end,
      ["polylsp/status"] = function(_, told, context)
        status.set(context.client_id, told)
        compare(told.version)
      end,
    },
    on_attach = function(_, bufnr)
      inline.attach(bufnr)
    end,
    on_exit = function(_, _, client_id)
      status.set(client_id, nil)
    end,
  }
end

--- What vim.lsp.enable does from 0.11 on.
---@param wanted table
local function enable_by_hand(wanted)
  local function start(bufnr)
    if
      vim.list_contains(wanted.filetypes, vim.bo[bufnr].filetype) and vim.bo[bufnr].buftype == ""
    then
      wanted.root_dir = vim.fs.root(bufnr, wanted.root_markers)
      vim.lsp.start(wanted, { bufnr = bufnr })
    end
  end
  local group = vim.api.nvim_create_augroup("polylsp.start", { clear = true })
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    pattern = wanted.filetypes,
    callback = function(event)
      start(event.buf)
    end,
  })
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      start(bufnr)
    end
  end
end

local function watch_progress()
  vim.api.nvim_create_autocmd("LspProgress", {
    group = vim.api.nvim_create_augroup("polylsp.progress", { clear = true }),
    callback = function(event)
      status.progress(event.data.client_id, event.data.params.value)
    end,
  })
end

--- Start the server for the files that are open, and for those that will be.
---@return boolean
function M.start()
  queued = false
  local found, why = server.find()
  if not found then
    status.set_without_client("missing", why)
    return false
  end
  stopping, started = false, vim.uv.now()
  status.set_without_client("starting")
  watch_progress()
  local wanted = client_config(found.command)
  if vim.lsp.enable then
    vim.lsp.config(NAME, wanted)
    vim.lsp.enable(NAME)
  else
    enable_by_hand(wanted)
  end
  return true
end

---@return vim.lsp.Client[]
function M.clients()
  return vim.lsp.get_clients({ name = NAME })
end

--- End the servers, and start none until asked to.
---@param and_then? fun()
function M.stop(and_then)
  stopping, queued, attempts = true, false, 0
  if vim.lsp.enable then
    vim.lsp.enable(NAME, false)
  else
    pcall(vim.api.nvim_del_augroup_by_name, "polylsp.start")
  end
  local ending = M.clients()
  for _, client in ipairs(ending) do
    compat.stop(client)
  end
  local deadline = vim.uv.now() + 3000
  local function look()
    local left = vim.tbl_filter(function(client)
      return vim.lsp.get_client_by_id(client.id) ~= nil
    end, ending)
    if #left > 0 and vim.uv.now() < deadline then
      vim.defer_fn(look, 30)
      return
    end
    for _, client in ipairs(left) do
      compat.stop(client, true)
    end
    status.set_without_client("stopped")
    if and_then then
      and_then()
    end
  end
  look()
end

function M.restart()
  if queued then
    return
  end
  M.stop(M.start)
end

--- Tell the servers of settings that have changed.
---@param changed table
function M.configure(changed)
  local options = config.get()
  options.settings = vim.tbl_deep_extend("force", options.settings, changed)
  for _, client in ipairs(M.clients()) do
    client.settings = { polylsp = settings() }
    compat.notify(client, "workspace/didChangeConfiguration", { settings = client.settings })
  end
end

return M
