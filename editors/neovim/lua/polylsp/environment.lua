--- The private environment: where it lies, which one is in use, and how it goes.
---
---   environments/VERSION-XXXXXX/  one environment each: they cannot be moved, so each is made at its place
---   current.json                  which one is in use; replaced whole, and only once a new one works
---   cache/                        pip's, so that nothing is left elsewhere

local M = {}

---@return string
function M.root()
  return vim.fs.normalize(vim.fn.stdpath("data") .. "/polylsp")
end

---@param folder string
---@return string # Of an environment's Python.
function M.python_of(folder)
  local windows = vim.fn.has("win32") == 1
  return vim.fs.normalize(folder .. (windows and "/Scripts/python.exe" or "/bin/python"))
end

---@return { folder: string, version: string }?
function M.current()
  local file = io.open(M.root() .. "/current.json")
  if not file then
    return nil
  end
  local ok, current = pcall(vim.json.decode, file:read("*a"))
  file:close()
  local is_sound = ok and type(current) == "table" and type(current.folder) == "string"
  return is_sound and not current.folder:find("[/\\]") and current or nil
end

---@return string? # The Python of the environment in use.
function M.python()
  local current = M.current()
  if not current then
    return nil
  end
  local python = M.python_of(("%s/environments/%s"):format(M.root(), current.folder))
  return vim.fn.executable(python) == 1 and python or nil
end

---@param folder string
---@param version string
function M.switch(folder, version)
  local path = M.root() .. "/current.json"
  local file = assert(io.open(path .. ".new", "w"))
  file:write(vim.json.encode({ folder = vim.fs.basename(folder), version = version }))
  file:close()
  assert(vim.uv.fs_rename(path .. ".new", path))
end

---@param folder string
function M.remove(folder)
  if vim.uv.fs_lstat(folder) then
    vim.fn.delete(folder, "rf")
  end
end

--- Remove environments that an upgrade has replaced. Not right after it: another Neovim's server may still be
--- running from one.
function M.tidy()
  local current, environments = M.current(), M.root() .. "/environments"
  if not current or vim.uv.fs_stat(M.root() .. "/setting-up") then
    return
  end
  for name in vim.fs.dir(environments) do
    if name ~= current.folder then
      M.remove(environments .. "/" .. name)
    end
  end
end

return M
