--- What Neovim 0.12's layer cannot say or bear, put right on the wire: it never asks by hand, so it never gets
--- several candidates; it shows and inserts the CR of a document's CRLF; and it logs every answer that came too
--- late as an error.

local M = {}

local METHOD = "textDocument/inlineCompletion"
local INVOKED = 1

local by_hand = false

--- The next request asks for several candidates.
function M.ask_by_hand()
  by_hand = true
end

---@param answer any
---@return any
local function tidied(answer)
  for _, item in ipairs(type(answer) == "table" and answer.items or {}) do
    if type(item.insertText) == "string" then
      item.insertText = item.insertText:gsub("\r\n?", "\n")
    end
  end
  return answer
end

---@param connection vim.lsp.rpc.PublicClient
---@return vim.lsp.rpc.PublicClient
function M.mended(connection)
  local request = connection.request
  connection.request = function(method, params, callback, notify_reply)
    if method ~= METHOD then
      return request(method, params, callback, notify_reply)
    end
    if by_hand then
      by_hand = false
      params = vim.tbl_deep_extend("force", params, { context = { triggerKind = INVOKED } })
    end
    return request(method, params, function(err, answer, ...)
      -- An error says that it was not wanted any more, or came too late: what is shown stays.
      callback(nil, not err and tidied(answer) or nil, ...)
    end, notify_reply)
  end
  return connection
end

return M
