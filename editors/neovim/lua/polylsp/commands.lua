--- `:Polylsp NAME …`: each subcommand in a few lines; what they do is done elsewhere.

local ask = require("polylsp.ask")
local scratch = require("polylsp.scratch")

local M = {}

local SCOPES = { "everywhere", "language", "file" }

---@class polylsp.Subcommand
---@field about string
---@field run fun(arguments: string[])
---@field complete? fun(lead: string): string[] What may stand there; what begins with `lead` is offered.

---@param paused boolean
---@param scope? string Left out: pause everywhere, go on in all of them.
local function pause(paused, scope)
  if scope and not vim.list_contains(SCOPES, scope) then
    ask.warn(("there is no scope %s; there are: %s"):format(scope, table.concat(SCOPES, ", ")))
    return
  end
  local scopes = scope and { scope } or paused and { "everywhere" } or SCOPES
  local document = { uri = vim.uri_from_bufnr(0) }
  local told = vim.tbl_map(function(one)
    return { scope = one, paused = paused, textDocument = document }
  end, scopes)
  ask.execute("polylsp.pause", told, function()
    require("polylsp.inline").dismiss()
  end)
end

---@param name string
local function choose_model(name)
  require("polylsp.client").configure({ model = name })
  local message = ('loading %s; setup({ settings = { model = "%s" } }) keeps it'):format(name, name)
  require("polylsp.tell").user(message, vim.log.levels.INFO)
end

---@param cards table[] As `polylsp models list --json` prints them.
local function offer_models(cards)
  local here = vim.tbl_filter(function(card)
    return card["local"]
  end, cards)
  vim.ui.select(here, {
    prompt = "Model",
    format_item = function(card)
      return ("%s  %d M parameters, %s"):format(card.name, card.parameters / 1e6, card.licence)
    end,
  }, function(card)
    if card then
      choose_model(card.name)
    end
  end)
end

local function list_models()
  ask.run({ "models", "list", "--json" }, function(output)
    local ok, cards = pcall(vim.json.decode, output)
    if ok then
      offer_models(cards)
    else
      ask.warn(output)
    end
  end)
end

local function show_prompt()
  local client = ask.client()
  if client then
    ask.execute("polylsp.showPrompt", { ask.here(client) }, function(result)
      local silence = type(result.silence) == "string" and result.silence or nil
      local text = silence and ("Nothing would be asked here: %s."):format(silence) or result.text
      scratch.show("prompt", text, not silence and vim.bo.filetype or nil)
    end)
  end
end

local function show_log()
  local path = require("polylsp.client").log_path()
  if not vim.uv.fs_stat(path) then
    ask.warn("nothing was logged yet in " .. path)
    return
  end
  vim.cmd("botright split " .. vim.fn.fnameescape(path))
  vim.bo.readonly, vim.bo.modifiable = true, false
  vim.cmd("normal! G")
end

local function show_status()
  local status = require("polylsp.status").get()
  local lines = { require("polylsp.status").line() }
  for _, name in ipairs({
    "message",
    "model",
    "version",
    "shown",
    "accepted",
    "hitRate",
    "lastSilence",
  }) do
    local value = status[name]
    if value ~= nil and value ~= vim.NIL and value ~= "" then
      table.insert(
        lines,
        ("  %s: %s"):format(name, type(value) == "number" and ("%g"):format(value) or value)
      )
    end
  end
  local last = require("polylsp.tell").last()
  if last ~= "" then
    table.insert(lines, "  last message: " .. last)
  end
  scratch.show("status", table.concat(lines, "\n"))
end

---@param arguments string[] Of the command line, printed into a window.
local function show_output(arguments)
  ask.run(arguments, function(output)
    scratch.show(arguments[1], output)
  end)
end

---@param package? string
local function install(package)
  require("polylsp.install").start(package, function(ok)
    if ok and require("polylsp").is_set_up() then
      require("polylsp.client").restart()
    end
  end)
end

local function uninstall()
  local environment = require("polylsp.environment")
  require("polylsp.install").cancel()
  require("polylsp.client").stop(function()
    environment.remove(environment.root())
    os.remove(require("polylsp.client").log_path())
    require("polylsp.tell").user("the environment is removed", vim.log.levels.INFO)
  end)
end

---@type table<string, polylsp.Subcommand>
local SUBCOMMANDS = {
  status = { about = "what the server does, and how well", run = show_status },
  pause = {
    about = "suggest nothing: everywhere, in this language, in this file",
    run = function(arguments)
      pause(true, arguments[1])
    end,
    complete = function()
      return SCOPES
    end,
  },
  resume = {
    about = "go on: everywhere, in this language, in this file",
    run = function(arguments)
      pause(false, arguments[1])
    end,
    complete = function()
      return SCOPES
    end,
  },
  model = {
    about = "choose the model, from those on this machine",
    run = function(arguments)
      if arguments[1] then
        choose_model(arguments[1])
      else
        list_models()
      end
    end,
    complete = function()
      return { "embedded" }
    end,
  },
  prompt = { about = "show what the model would be given at the cursor", run = show_prompt },
  log = { about = "open the server's log", run = show_log },
  stats = {
    about = "show what became of suggestions",
    run = function()
      show_output({ "stats" })
    end,
  },
  doctor = {
    about = "show what is installed and what works",
    run = function()
      show_output({ "doctor" })
    end,
  },
  restart = {
    about = "stop the server and start it again",
    run = function()
      require("polylsp.client").restart()
    end,
  },
  stop = {
    about = "stop the server",
    run = function()
      require("polylsp.client").stop()
    end,
  },
  install = {
    about = "install the server, or upgrade it, in an environment of its own",
    run = function(arguments)
      install(arguments[1])
    end,
    complete = function(lead)
      return vim.fn.getcompletion(lead, "file")
    end,
  },
  uninstall = { about = "remove that environment", run = uninstall },
}

---@return { name: string, about: string }[]
function M.all()
  local names = vim.tbl_keys(SUBCOMMANDS)
  table.sort(names)
  return vim.tbl_map(function(name)
    return { name = name, about = SUBCOMMANDS[name].about }
  end, names)
end

---@param arguments string[]
function M.run(arguments)
  local name = arguments[1] or "status"
  local subcommand = SUBCOMMANDS[name]
  if not subcommand then
    local names = vim.tbl_keys(SUBCOMMANDS)
    table.sort(names)
    ask.warn(("there is no :Polylsp %s; there are: %s"):format(name, table.concat(names, ", ")))
    return
  end
  subcommand.run(vim.list_slice(arguments, 2))
end

---@param lead string What is typed of the word at the cursor.
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim(line:sub(1, #line - #lead)), "%s+")
  local offered = {}
  if #words == 1 then
    offered = vim.tbl_keys(SUBCOMMANDS)
  elseif #words == 2 and SUBCOMMANDS[words[2]] and SUBCOMMANDS[words[2]].complete then
    offered = vim.list_slice(SUBCOMMANDS[words[2]].complete(lead))
  end
  table.sort(offered)
  return vim.tbl_filter(function(one)
    return vim.startswith(one, lead)
  end, offered)
end

return M
