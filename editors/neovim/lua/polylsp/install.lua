--- `:Polylsp install`: makes the private environment, or a newer one beside the one in use. Nothing in the
--- workspace has a say in it; what fails is removed, and what was in use stays in use.

local config = require("polylsp.config")
local environment = require("polylsp.environment")
local path = require("polylsp.path")

local M = {}

local VERSIONS = { "3.13", "3.12", "3.11", "3.10", "3.14" }
local PROBE = "import sys, ensurepip, venv; assert (3, 10) <= sys.version_info[:2] <= (3, 14)"
-- What would have pip install elsewhere, or Python find other modules.
local UNWANTED =
  { "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV" }

local running ---@type vim.SystemObj?
local is_busy = false

---@param message string
local function tell(message)
  vim.api.nvim_echo({ { "polylsp: " .. message } }, true, {})
  vim.cmd.redraw()
end

--- Run a command, in a coroutine. Raises what it printed last where it fails.
---@param command string[]
---@param what string
---@return string # Its output.
local function run(command, what)
  local thread = assert(coroutine.running())
  local env = vim.fn.environ()
  for _, name in ipairs(UNWANTED) do
    env[name] = nil
  end
  running = vim.system(
    command,
    { cwd = environment.root(), env = env, clear_env = true, text = true },
    vim.schedule_wrap(function(done)
      running = nil
      coroutine.resume(thread, done)
    end)
  )
  local done = coroutine.yield() ---@type vim.SystemCompleted
  if done.code ~= 0 then
    local said = vim.split(vim.trim(done.stdout .. "\n" .. done.stderr), "\n")
    local last = vim.list_slice(said, math.max(1, #said - 5))
    error({ message = ("%s failed:\n%s"):format(what, table.concat(last, "\n")) })
  end
  return done.stdout
end

---@return string[] # Where a Python may be, the best first.
local function pythons()
  if config.get().install.python then
    return { config.get().install.python }
  end
  local found = {}
  local names = vim.tbl_map(function(version)
    return "python" .. version
  end, VERSIONS)
  for _, name in ipairs(vim.list_extend(names, { "python3", "python" })) do
    table.insert(found, (path.find(name)))
  end
  return found
end

---@return string
local function usable_python()
  local tried = pythons()
  for _, python in ipairs(tried) do
    if path.is_absolute(python) and pcall(run, { python, "-I", "-c", PROBE }, python) then
      return python
    end
  end
  error({
    message = (
      "no Python 3.10 to 3.14 that can make environments was found (tried: %s). Install one (Debian: "
      .. "apt install python3-venv), or name it in the setting `install.python`; or have uv bring one along: "
      .. "`uv tool install --python 3.12 polylsp-VERSION-py3-none-any.whl`"
    ):format(#tried > 0 and table.concat(tried, ", ") or "nothing on PATH"),
  })
end

---@return string # The plugin's own folder.
local function plugin_folder()
  local source = debug.getinfo(1, "S").source:sub(2)
  return vim.fs.normalize(vim.fn.fnamemodify(vim.fn.resolve(source), ":p:h:h:h"))
end

---@param package string A wheel, or a folder with the sources.
---@return string? version
local function version_of(package)
  local version = vim.fs.basename(package):match("^polylsp%-([%w%.%+]+)%-.*%.whl$")
  if version then
    return version
  end
  local file = io.open(package .. "/polylsp/__init__.py")
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  return text:match('__version__ = "([%w%.%+]+)"')
end

--- What there is to install: what is named, the wheel that the plugin carries, or the clone that it is in.
---@param named? string
---@return string package
---@return string version
local function package(named)
  local folder = plugin_folder()
  local carried = vim.fn.glob(folder .. "/wheel/polylsp-*.whl", true, true)
  local clone = vim.fs.dirname(vim.fs.dirname(folder))
  local chosen = named or config.get().install.package or carried[#carried] or clone
  chosen = vim.fs.normalize(vim.fn.fnamemodify(chosen, ":p")):gsub("(.)/$", "%1")
  local version = version_of(chosen)
  if not version then
    error({
      message = chosen
        .. " is neither a wheel nor a clone of polylsp; name one: "
        .. ":Polylsp install /path/to/polylsp-VERSION-py3-none-any.whl",
    })
  end
  return chosen, version
end

--- Take the lock, or raise: two at once would be in each other's way.
---@return string lock
local function locked()
  local lock = environment.root() .. "/setting-up"
  local file = io.open(lock)
  if file then
    local id = tonumber(file:read("*a"))
    file:close()
    if id and id ~= vim.uv.os_getpid() and vim.uv.kill(id, 0) == 0 then
      error({ message = ("another editor is at it (process %d)"):format(id) })
    end
    os.remove(lock)
  end
  local descriptor = assert(vim.uv.fs_open(lock, "wx", 420)) -- 0644
  vim.uv.fs_write(descriptor, tostring(vim.uv.os_getpid()))
  vim.uv.fs_close(descriptor)
  return lock
end

---@param python string Of the environment.
---@param what string
local function pip_install(python, what)
  local command = {
    python,
    "-I",
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "--no-input",
    "--no-user",
  }
  vim.list_extend(command, { "--only-binary", ":all:", "--progress-bar", "off" })
  vim.list_extend(command, { "--cache-dir", environment.root() .. "/cache" })
  local wheels = config.get().install.wheels
  if wheels then
    local folder = vim.fs.normalize(vim.fn.fnamemodify(wheels, ":p"))
    vim.list_extend(command, { "--no-index", "--find-links", folder })
  end
  run(vim.list_extend(command, { what }), "pip")
end

---@param folder string
---@param what string
---@param version string
local function make(folder, what, version)
  tell(("making an environment for polylsp %s"):format(version))
  run({ usable_python(), "-I", "-m", "venv", folder }, "making the environment")
  local python = environment.python_of(folder)
  tell("installing into it; this can take some minutes")
  pip_install(python, what)
  local said = vim.trim(run({ python, "-I", "-m", "polylsp", "--version" }, "polylsp --version"))
  if said ~= "polylsp " .. version then
    error({ message = ("%s was to be installed, and %s was"):format(version, said) })
  end
  environment.switch(folder, version)
end

---@return string
local function random_name()
  local letters = vim.fn.sha256(("%d %d"):format(vim.uv.hrtime(), vim.uv.os_getpid()))
  return letters:sub(1, 6)
end

---@param named? string What to install, if it is to be something else than the plugin's own.
local function install(named)
  vim.fn.mkdir(environment.root() .. "/environments", "p")
  local what, version = package(named)
  local lock = locked()
  local folder = ("%s/environments/%s-%s"):format(environment.root(), version, random_name())
  local leaving = vim.api.nvim_create_autocmd("VimLeavePre", {
    callback = function()
      M.cancel()
      environment.remove(folder)
      os.remove(lock)
    end,
  })
  local ok, failure = pcall(make, folder, what, version)
  pcall(vim.api.nvim_del_autocmd, leaving)
  os.remove(lock)
  if not ok then
    environment.remove(folder)
    error(failure)
  end
  return version
end

--- End what is being run for an installation; it fails then, and leaves nothing.
function M.cancel()
  if running then
    running:kill("sigkill")
  end
end

---@param named? string
---@param and_then fun(ok: boolean)
function M.start(named, and_then)
  if is_busy then
    require("polylsp.tell").user("an installation is going on already")
    return
  end
  is_busy = true
  coroutine.wrap(function()
    local ok, result = pcall(install, named)
    is_busy = false
    if ok then
      tell(("polylsp %s is installed"):format(result))
    else
      local why = type(result) == "table" and result.message or tostring(result)
      vim.notify("polylsp: the installation failed: " .. why, vim.log.levels.ERROR)
    end
    and_then(ok)
  end)()
end

return M
