--- The plugin's own layer of ghost text: it asks after every key, cancels what it asked before, and draws the
--- answer only where nothing has changed since. One suggestion at a time, in the current buffer, in insert mode.

local ask = require("polylsp.ask")
local compat = require("polylsp.compat")
local draw = require("polylsp.inline.draw")
local item = require("polylsp.inline.item")
local parts = require("polylsp.inline.parts")

local M = {}

local METHOD = "textDocument/inlineCompletion"
local AUTOMATIC, INVOKED = 2, 1

---@class polylsp.Shown
---@field bufnr integer
---@field client vim.lsp.Client
---@field items polylsp.Item[]
---@field index integer
local shown ---@type polylsp.Shown?
local pending ---@type { client: vim.lsp.Client, id: integer }?
local generation = 0 -- Of what was asked: answers of an earlier one come too late.
local scheduled = false -- A key was typed, and is asked for in the loop's next turn.

local asked_at ---@type string? Where, and of which text, it was asked last.

---@return string
local function here()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local bufnr = vim.api.nvim_get_current_buf()
  return table.concat({ bufnr, vim.api.nvim_buf_get_changedtick(bufnr), row, column }, " ")
end

local function cancel()
  asked_at = nil
  generation = generation + 1
  if pending and not compat.is_stopped(pending.client) then
    compat.cancel(pending.client, pending.id)
  end
  pending = nil
end

local function hide()
  if shown then
    draw.clear(shown.bufnr)
  end
  shown = nil
end

---@return boolean
local function is_inserting()
  return vim.api.nvim_get_mode().mode:sub(1, 1) == "i"
end

---@return polylsp.Rest?
local function rest()
  if shown and shown.bufnr == vim.api.nvim_get_current_buf() then
    return item.rest(shown.items[shown.index], shown.bufnr)
  end
  return nil
end

--- Draw what is left of the suggestion; take it away where something else was typed.
local function redraw()
  local left = rest()
  if not shown or not left then
    hide()
    return
  end
  local note = #shown.items > 1 and (" (%d/%d)"):format(shown.index, #shown.items) or ""
  draw.show(shown.bufnr, left, note)
end

---@param client vim.lsp.Client
---@param bufnr integer
---@param answer any
local function take(client, bufnr, answer)
  local items = {}
  for _, raw in ipairs(type(answer) == "table" and (answer.items or answer) or {}) do
    local one = item.read(raw, bufnr, client.offset_encoding)
    if one and item.rest(one, bufnr) then
      table.insert(items, one)
    end
  end
  hide()
  if #items > 0 then
    shown = { bufnr = bufnr, client = client, items = items, index = 1 }
    redraw()
  end
end

---@param bufnr integer
---@return vim.lsp.Client?
local function client_of(bufnr)
  return vim.lsp.get_clients({ bufnr = bufnr, name = "polylsp" })[1]
end

---@param kind integer
---@param and_then? fun()
local function request(kind, and_then)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = client_of(bufnr)
  if not client or not client.initialized or not is_inserting() then
    return
  end
  cancel()
  scheduled, asked_at = false, here()
  local mine, tick = generation, vim.api.nvim_buf_get_changedtick(bufnr)
  local place = vim.api.nvim_win_get_cursor(0)
  local params = ask.here(client)
  params.context = { triggerKind = kind }
  local id = compat.request(client, METHOD, params, function(err, answer)
    if mine ~= generation then
      return
    end
    pending = nil
    local is_here = bufnr == vim.api.nvim_get_current_buf()
      and vim.api.nvim_buf_get_changedtick(bufnr) == tick
      and vim.deep_equal(vim.api.nvim_win_get_cursor(0), place)
    -- Errors say that the answer came too late, or was not wanted any more.
    if not err and is_here and is_inserting() then
      take(client, bufnr, answer)
      if and_then then
        and_then()
      end
    end
  end, bufnr)
  pending = id and { client = client, id = id } or nil
end

--- A key can move the cursor and change the text: both are told of, and answered by one request.
local function typed()
  redraw()
  -- Told of late, of keys that were typed before it was asked by hand.
  if scheduled or asked_at == here() then
    return
  end
  scheduled = true
  vim.schedule(function()
    if scheduled then -- Nothing was asked for by hand meanwhile.
      scheduled = false
      request(AUTOMATIC)
    end
  end)
end

local function leave()
  cancel()
  hide()
end

---@param bufnr integer
function M.attach(bufnr)
  local group = vim.api.nvim_create_augroup("polylsp.inline." .. bufnr, { clear = true })
  vim.api.nvim_create_autocmd({ "InsertEnter", "TextChangedI", "TextChangedP", "CursorMovedI" }, {
    group = group,
    buffer = bufnr,
    callback = typed,
  })
  vim.api.nvim_create_autocmd({ "InsertLeave", "BufLeave", "WinLeave" }, {
    group = group,
    buffer = bufnr,
    callback = leave,
  })
  if bufnr == vim.api.nvim_get_current_buf() and is_inserting() then
    typed()
  end
end

---@param bufnr integer
function M.detach(bufnr)
  pcall(vim.api.nvim_del_augroup_by_name, "polylsp.inline." .. bufnr)
  if shown and shown.bufnr == bufnr then
    leave()
  end
end

---@return boolean
function M.visible()
  return rest() ~= nil
end

--- Insert the suggestion, or its next part.
---@param part polylsp.Part
---@return boolean # Whether there was one.
function M.accept(part)
  local left = rest()
  if not shown or not left then
    return false
  end
  local bufnr, client, current = shown.bufnr, shown.client, shown.items[shown.index]
  local accepted, behind = parts.split(left.text, part)
  item.insert(bufnr, left, accepted, behind == "")
  leave()
  if behind == "" then
    if current.command and not compat.is_stopped(client) then
      local told = { command = current.command.command, arguments = current.command.arguments }
      compat.request(client, "workspace/executeCommand", told, function() end, bufnr)
    end
  else
    local row, column = unpack(vim.api.nvim_win_get_cursor(0))
    local next_item =
      vim.tbl_extend("force", current, { text = behind, row = row - 1, first = column })
    shown = { bufnr = bufnr, client = client, items = { next_item }, index = 1 }
    redraw()
  end
  return true
end

--- Show another candidate; ask for several first where only one is known.
---@param count integer
function M.cycle(count)
  if not shown then
    return
  end
  if #shown.items > 1 then
    shown.index = (shown.index - 1 + count) % #shown.items + 1
    redraw()
    return
  end
  request(INVOKED, function()
    if shown and #shown.items > 1 then
      M.cycle(count)
    end
  end)
end

function M.dismiss()
  leave()
end

--- Ask for several suggestions here and now.
function M.ask()
  request(INVOKED)
end

return M
