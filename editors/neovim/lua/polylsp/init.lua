--- Private code completion from a model on this machine: `require("polylsp").setup()` is all it takes.

local M = {}

local is_set_up = false

--- Start suggesting, with these settings (:help polylsp-settings). Called again, it changes all but the command:
--- a project's own configuration must not choose what is run.
---@param settings? polylsp.Settings
function M.setup(settings)
  local config = require("polylsp.config")
  local wanted, problems = config.parse(settings)
  if is_set_up then
    if not vim.deep_equal(wanted.cmd, config.get().cmd) and wanted.cmd then
      table.insert(problems, "cmd: only the first call of setup() can set it")
    end
    wanted.cmd, wanted.install = config.get().cmd, config.get().install
  end
  if #problems > 0 then
    require("polylsp.tell").user(table.concat(problems, "; "))
  end
  local client = require("polylsp.client")
  config.set(wanted)
  require("polylsp.focus").watch()
  if is_set_up then
    client.restart()
  else
    is_set_up = true
    require("polylsp.environment").tidy()
    client.start()
  end
end

---@return boolean
function M.is_set_up()
  return is_set_up
end

--- For a status line: "polylsp: ready 12 ms".
---@return string
function M.statusline()
  return require("polylsp.status").line()
end

--- All that is known of the server at work in a buffer.
---@param bufnr? integer
---@return polylsp.Status
function M.status(bufnr)
  return require("polylsp.status").get(bufnr)
end

--- Insert the suggestion that is shown, or a part of it.
---@param part? polylsp.Part
---@return boolean # Whether there was one.
function M.accept(part)
  return require("polylsp.inline").accept(part or "all")
end

---@return boolean # Whether a suggestion is shown.
function M.visible()
  return require("polylsp.inline").visible()
end

--- Show the next candidate, or the one so many further.
---@param count? integer
function M.next(count)
  require("polylsp.inline").cycle(count or 1)
end

function M.dismiss()
  require("polylsp.inline").dismiss()
end

return M
