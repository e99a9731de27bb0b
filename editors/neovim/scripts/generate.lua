-- Writes doc/polylsp.txt and lua/polylsp/types.lua from the schema and the commands:
--   nvim -l scripts/generate.lua [FOLDER]
-- A test compares what it writes with what is there.

local source = debug.getinfo(1, "S").source:sub(2)
local plugin = vim.fs.dirname(vim.fs.dirname(vim.fn.fnamemodify(source, ":p")))
package.path = ("%s/lua/?.lua;%s/lua/?/init.lua;%s"):format(plugin, plugin, package.path)

local schema = require("polylsp.schema")

---@param path string
---@return string
local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

---@param path string
---@param text string
local function write(path, text)
  vim.fn.mkdir(vim.fs.dirname(path), "p")
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

---@param text string
---@param indent string
---@return string
local function wrapped(text, indent)
  local lines, line = {}, indent
  for word in text:gmatch("%S+") do
    if #line + #word + 1 > 78 and line ~= indent then
      table.insert(lines, line)
      line = indent
    end
    line = line == indent and line .. word or line .. " " .. word
  end
  return table.concat(vim.list_extend(lines, { line }), "\n")
end

---@param option polylsp.Option
---@return string
local function default_of(option)
  local value = option.default
  if type(value) == "table" then
    return #value > 3 and "…" or vim.inspect(value)
  end
  return type(value) == "string" and ('"%s"'):format(value) or tostring(value)
end

---@return string
local function keys()
  local lines = {}
  for _, option in ipairs(schema) do
    if vim.startswith(option.name, "keys.") then
      local key = ("    %-12s"):format(option.default)
      table.insert(lines, key .. vim.trim(wrapped(option.about, (" "):rep(16))))
    end
  end
  return table.concat(lines, "\n")
end

---@return string
local function commands()
  return table.concat(
    vim.tbl_map(function(command)
      return ("    %-26s %s"):format(":Polylsp " .. command.name, command.about)
    end, require("polylsp.commands").all()),
    "\n"
  )
end

---@return string
local function settings()
  local blocks = {}
  for _, option in ipairs(schema) do
    local tag = ("*polylsp.%s*"):format(option.name)
    local head = ("%-" .. 78 - #tag .. "s%s"):format(option.name, tag)
    local kind = option.choices and table.concat(option.choices, " | ") or option.type
    local about = wrapped(option.about, "    ")
    local default = wrapped(("%s, default: %s"):format(kind, default_of(option)), "    ")
    table.insert(blocks, ("%s\n%s\n%s"):format(head, default, about))
  end
  return table.concat(blocks, "\n\n")
end

---@param class string
---@param optional boolean
---@param prefix string
---@return string[]
local function fields(class, optional, prefix)
  local lines, groups = { "---@class " .. class }, {}
  for _, option in ipairs(schema) do
    local group, leaf = option.name:match("^(%w+)%.([%w_]+)$")
    if prefix == "" and group and not groups[group] then
      groups[group] = true
      local kind = class .. "." .. group
      table.insert(lines, ("---@field %s%s %s"):format(group, optional and "?" or "", kind))
    elseif (prefix == "" and not group) or (group and group == prefix) then
      local kind = option.type
      if option.choices then
        kind = '"' .. table.concat(option.choices, '"|"') .. '"'
      end
      local name = (leaf or option.name) .. (optional and "?" or "")
      table.insert(lines, ("---@field %s %s %s"):format(name, kind, option.about))
    end
  end
  table.insert(lines, "")
  return lines
end

---@return string
local function types()
  local lines = {
    "--- The settings' types, for editors of configurations. Written by scripts/generate.lua; do not edit.",
    "---@meta",
    "",
  }
  for _, class in ipairs({ { "polylsp.Config", false }, { "polylsp.Settings", true } }) do
    vim.list_extend(lines, fields(class[1], class[2], ""))
    for _, group in ipairs({ "inline", "keys", "restart", "install" }) do
      vim.list_extend(lines, fields(class[1] .. "." .. group, class[2], group))
    end
  end
  return table.concat(lines, "\n")
end

local folder = _G.arg[1] or plugin
local help = read(plugin .. "/scripts/help.txt")
for name, text in pairs({ KEYS = keys(), COMMANDS = commands(), SETTINGS = settings() }) do
  help = help:gsub("\n" .. name .. "\n", function()
    return "\n" .. text .. "\n"
  end)
end
write(folder .. "/doc/polylsp.txt", help)
write(folder .. "/lua/polylsp/types.lua", types())
