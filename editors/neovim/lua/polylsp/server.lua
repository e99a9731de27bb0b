--- Which command starts the server: the one that setup() named, else the private environment's, else polylsp on
--- PATH. Nothing in a repository can choose it.

local config = require("polylsp.config")
local environment = require("polylsp.environment")
local path = require("polylsp.path")

local M = {}

---@class polylsp.Server
---@field command string[] `polylsp`, however it is run: its subcommands' names go behind.
---@field origin "setting"|"environment"|"path"

---@return polylsp.Server?
---@return string? why What to do, where there is none.
function M.find()
  local cmd = config.get().cmd
  if cmd then
    if #cmd == 0 or not path.is_absolute(cmd[1]) then
      return nil, "the setting `cmd` must begin with the command's full path"
    elseif vim.fn.executable(cmd[1]) == 0 then
      return nil, ("%s (the setting `cmd`) is not a command"):format(cmd[1])
    end
    return { command = cmd, origin = "setting" }
  end
  local python = environment.python()
  if python then
    -- Isolated: neither PYTHONPATH nor the working folder can put other modules in.
    return { command = { python, "-I", "-m", "polylsp" }, origin = "environment" }
  end
  local found, skipped = path.find("polylsp")
  if found then
    return { command = { found }, origin = "path" }
  elseif skipped then
    return nil,
      skipped
        .. " lies in the workspace and is not run; name it in the setting `cmd` to have it run"
  end
  return nil,
    "the command `polylsp` is missing: run :Polylsp install, or `uv tool install` or `pipx install` it"
end

return M
