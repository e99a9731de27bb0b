--- The settings that hold: defaults under what the user gives, checked against the schema. What cannot be used
--- is reported, and its default stands in for it.

local schema = require("polylsp.schema")

local M = {}

---@type polylsp.Config?
local current

---@param config table
---@param name string As in the schema: "keys.accept".
---@param value any
local function put(config, name, value)
  local group, leaf = name:match("^(%w+)%.([%w_]+)$")
  if group then
    config[group] = config[group] or {}
    config[group][leaf] = value
  else
    config[name] = value
  end
end

---@param value any
---@param kind string One alternative of a type: "string[]".
local function is(value, kind)
  if kind == "nil" or kind == "false" then
    return value == (kind == "nil" and nil or false)
  elseif kind == "integer" then
    return type(value) == "number" and value >= 0 and value % 1 == 0
  elseif kind ~= "string[]" then
    return type(value) == kind
  elseif type(value) ~= "table" or not vim.islist(value) then
    return false
  end
  return vim.iter(value):all(function(one)
    return type(one) == "string"
  end)
end

---@param option polylsp.Option
---@param value any
---@return string? problem
local function problem(option, value)
  if option.choices and not vim.list_contains(option.choices, value) then
    return ("must be one of %s"):format(table.concat(option.choices, ", "))
  end
  for _, kind in ipairs(vim.split(option.type, "|", { plain = true })) do
    if is(value, kind) then
      return nil
    end
  end
  local alternatives = option.type:gsub("|nil", ""):gsub("|", " or ")
  return ("must be %s"):format(alternatives)
end

---@param name string
---@return polylsp.Option?, boolean is_group
local function find(name)
  local is_group = false
  for _, option in ipairs(schema) do
    if option.name == name then
      return option, false
    end
    is_group = is_group or vim.startswith(option.name, name .. ".")
  end
  return nil, is_group
end

---@param config table
---@param given table
---@param at string What stands before a name: "keys.".
---@param problems string[]
local function lay(config, given, at, problems)
  for key, value in pairs(given) do
    local name = at .. tostring(key)
    local option, is_group = find(name)
    if option then
      local wrong = problem(option, value)
      if wrong then
        local shown = vim.inspect(value, { newline = " ", indent = "" })
        table.insert(problems, ("%s %s, not %s"):format(name, wrong, shown))
      else
        put(config, name, value)
      end
    elseif is_group and type(value) == "table" then
      lay(config, value, name .. ".", problems)
    elseif is_group then
      table.insert(problems, ("%s must be a table, not a %s"):format(name, type(value)))
    else
      table.insert(problems, ("%s: there is no such setting (:help polylsp-settings)"):format(name))
    end
  end
end

---@param given any What setup() was called with.
---@return polylsp.Config
---@return string[] problems Each names the setting.
function M.parse(given)
  local config, problems = {}, {} ---@type table, string[]
  for _, option in ipairs(schema) do
    put(config, option.name, vim.deepcopy(option.default))
  end
  if given ~= nil and type(given) ~= "table" then
    return config, { "the settings must be a table, not a " .. type(given) }
  end
  lay(config, given or {}, "", problems)
  table.sort(problems)
  return config, problems
end

---@return polylsp.Config
function M.get()
  current = current or (M.parse(nil))
  return current
end

---@param config polylsp.Config
function M.set(config)
  current = config
end

return M
