--- What Neovim 0.10 spells in another way.

local M = {}

local has_methods = vim.fn.has("nvim-0.11") == 1

---@param client vim.lsp.Client
---@param method string
---@param params table
---@param handler fun(err?: table, result?: any)
---@param bufnr integer A real one: 0 would have the server see the text before the last change.
---@return integer? id To cancel it by; nil where the client has ended.
function M.request(client, method, params, handler, bufnr)
  local sent, id
  if has_methods then
    sent, id = client:request(method, params, handler, bufnr)
  else
    sent, id = client.request(method, params, handler, bufnr)
  end
  return sent and id or nil
end

---@param client vim.lsp.Client
---@param method string
---@param params table
function M.notify(client, method, params)
  if has_methods then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

---@param client vim.lsp.Client
---@param id integer
function M.cancel(client, id)
  if has_methods then
    client:cancel_request(id)
  else
    client.cancel_request(id)
  end
end

---@param client vim.lsp.Client
---@param force? boolean
function M.stop(client, force)
  if has_methods then
    client:stop(force)
  else
    client.stop(force)
  end
end

---@param client vim.lsp.Client
---@return boolean
function M.is_stopped(client)
  if has_methods then
    return client:is_stopped()
  end
  return client.is_stopped()
end

---@param line string
---@param column integer In bytes.
---@param encoding string
---@return integer In the encoding's units.
function M.character(line, column, encoding)
  if encoding == "utf-8" then
    return column
  elseif has_methods then
    return vim.str_utfindex(line, encoding, column, false)
  end
  local points, units = vim.str_utfindex(line, math.min(column, #line))
  return encoding == "utf-16" and units or points
end

---@param line string
---@param character integer In the encoding's units; past the line's end stands for the end.
---@param encoding string
---@return integer In bytes.
function M.column(line, character, encoding)
  if encoding == "utf-8" then
    return math.min(character, #line)
  elseif has_methods then
    return vim.str_byteindex(line, encoding, character, false)
  end
  local points, units = vim.str_utfindex(line)
  local most = encoding == "utf-16" and units or points
  return vim.str_byteindex(line, math.min(character, most), encoding == "utf-16")
end

return M
