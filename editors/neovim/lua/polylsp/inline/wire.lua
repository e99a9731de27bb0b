--- What Neovim 0.12's layer cannot say or bear, put right on the wire: it never asks by hand, so it never gets
--- several candidates; it shows and inserts the CR of a document's CRLF; and it logs every answer that came too
--- late as an error.

local M = {}

local METHOD = "textDocument/inlineCompletion"
local INVOKED = 1

local by_hand = false
local last = {} ---@type table[] The items of the last answer.
local answered ---@type fun()?

--- The next request asks for several candidates.
---@param and_then fun() Called once they are shown.
function M.ask_by_hand(and_then)
  by_hand, answered = true, and_then
end

---@return integer # How many candidates the last answer had.
function M.count()
  return #last
end

---@param text string
---@return table? # The item of the last answer with that text, as it was sent.
function M.item(text)
  return vim.iter(last):find(function(item)
    return item.insertText == text
  end)
end

---@param answer any
---@return any
local function tidied(answer)
  last = type(answer) == "table" and answer.items or {}
  for _, item in ipairs(last) do
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
    local and_then
    if by_hand then
      by_hand, and_then, answered = false, answered, nil
      params = vim.tbl_deep_extend("force", params, { context = { triggerKind = INVOKED } })
    end
    return request(method, params, function(err, answer, ...)
      -- An error says that it was not wanted any more, or came too late: what is shown stays.
      callback(nil, not err and tidied(answer) or nil, ...)
      if and_then and not err then
        vim.schedule(and_then)
      end
    end, notify_reply)
  end
  return connection
end

return M
