--- `:checkhealth polylsp`: what is there, what is missing, and what to do about it.

local M = {}

local health = vim.health

---@param found polylsp.Server
---@return string? version
local function version_of(found)
  local command = vim.list_extend(vim.list_slice(found.command), { "--version" })
  local ok, done = pcall(function()
    return vim.system(command, { text = true, cwd = vim.uv.os_homedir() }):wait(20000)
  end)
  return ok and done.code == 0 and vim.trim(done.stdout) or nil
end

local function check_neovim()
  health.start("Neovim")
  local version = tostring(vim.version())
  if vim.fn.has("nvim-0.10") == 0 then
    health.error(version .. " is too old", { "polylsp needs Neovim 0.10 or newer" })
    return
  end
  local layer = require("polylsp.inline").which()
  health.ok(
    ("%s; ghost text is drawn by %s"):format(
      version,
      layer == "own" and "the plugin" or "Neovim itself"
    )
  )
end

local function check_server()
  health.start("The server")
  local found, why = require("polylsp.server").find()
  if not found then
    health.error(why or "", {
      "`:Polylsp install` makes an environment for it",
      "or install it with uv (`uv tool install`) or pipx, see :help polylsp-install",
    })
    return
  end
  local origins = {
    setting = "the setting `cmd`",
    environment = "the environment of :Polylsp install",
    path = "PATH",
  }
  local shown = ("%s (from %s)"):format(table.concat(found.command, " "), origins[found.origin])
  local version = version_of(found)
  local own = "polylsp " .. require("polylsp.version")
  if not version then
    health.error(
      shown .. " does not run",
      { "run it by hand with --version", ":Polylsp install makes a new one" }
    )
  elseif version ~= own then
    health.warn(
      ("%s is %s, the plugin %s"):format(shown, version, own),
      { ":Polylsp install, or upgrade it" }
    )
  else
    health.ok(("%s: %s"):format(version, shown))
  end
end

local function check_running()
  health.start("At work")
  if not require("polylsp").is_set_up() then
    health.warn("setup() was not called", { '`require("polylsp").setup()` in init.lua' })
    return
  end
  local clients = vim.lsp.get_clients({ name = "polylsp" })
  if #clients == 0 then
    local status = require("polylsp.status").get()
    health.info(
      ("no server is running (%s): it starts with a file of its languages"):format(status.state)
    )
    return
  end
  for _, client in ipairs(clients) do
    local status = require("polylsp.status").of(client.id)
    local model = type(status.model) == "string" and ", model " .. status.model or ""
    local buffers = vim.tbl_count(client.attached_buffers)
    local shown = ("%s%s, %d buffers, positions in %s"):format(
      status.state,
      model,
      buffers,
      client.offset_encoding
    )
    if status.state == "no model" then
      health.error(shown, { status.message, ":Polylsp doctor" })
    else
      health.ok(shown)
    end
  end
end

function M.check()
  check_neovim()
  check_server()
  check_running()
end

return M
