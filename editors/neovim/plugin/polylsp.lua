-- The command is there before setup(), and loads nothing until it is used.
if vim.g.loaded_polylsp then
  return
end
vim.g.loaded_polylsp = true

vim.api.nvim_create_user_command("Polylsp", function(given)
  require("polylsp.commands").run(given.fargs)
end, {
  nargs = "*",
  desc = "polylsp: status, pause, model, …",
  complete = function(lead, line)
    return require("polylsp.commands").complete(lead, line)
  end,
})
