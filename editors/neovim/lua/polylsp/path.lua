--- Finding commands without a repository having a say: only absolute folders of PATH count, and none inside of
--- the folder that is worked in. Windows would look into the current folder first, and PATH may hold ".".

local M = {}

local is_windows = vim.fn.has("win32") == 1

---@param folder string
---@param name string Without its extension.
---@return string?
local function command_in(folder, name)
  for _, extension in ipairs(is_windows and { ".exe", ".cmd", ".bat" } or { "" }) do
    local path = vim.fs.normalize(folder .. "/" .. name .. extension)
    local stat = vim.uv.fs_stat(path)
    if stat and stat.type == "file" and vim.fn.executable(path) == 1 then
      return path
    end
  end
  return nil
end

---@param path string
---@return boolean
function M.is_absolute(path)
  return vim.startswith(path, "/") or path:match("^%a:[/\\]") ~= nil or vim.startswith(path, "\\\\")
end

---@param path string
---@param folder string
---@return boolean
local function is_within(path, folder)
  local real, real_folder = vim.uv.fs_realpath(path), vim.uv.fs_realpath(folder)
  if not real or not real_folder or real_folder == "/" then
    return false
  end
  real, real_folder = vim.fs.normalize(real), vim.fs.normalize(real_folder)
  return real == real_folder or vim.startswith(real, real_folder .. "/")
end

---@return boolean # Whether a folder belongs to what is worked on; the home folder is no project.
local function is_in_workspace(folder)
  local home = vim.uv.fs_realpath(vim.uv.os_homedir() or "")
  for _, root in ipairs({ vim.fn.getcwd(), vim.fs.root(0, ".git") }) do
    if vim.uv.fs_realpath(root) ~= home and is_within(folder, root) then
      return true
    end
  end
  return false
end

---@param name string
---@return string? path
---@return string? skipped One that was not taken, because it lies in the workspace.
function M.find(name)
  local skipped
  local separator = is_windows and ";" or ":"
  for folder in vim.gsplit(vim.env.PATH or "", separator, { plain = true, trimempty = true }) do
    local found = M.is_absolute(folder) and command_in(folder, name) or nil
    if found and not is_in_workspace(folder) then
      return found, nil
    end
    skipped = skipped or found
  end
  return nil, skipped
end

return M
