-- Records what Neovim says to the language server in a short session of work, as session.jsonl:
--
--   mkdir -p /tmp/kursus/workflows && cp tests/it/lsp/kursus.yaml /tmp/kursus/workflows/
--   cd /tmp/kursus && SERVER="tovholder lsp" OUT=session.jsonl \
--     nvim --headless -u NONE -c "luafile record.lua"
--
-- Then the folder is replaced by ROOT: sed -i 's#file:///tmp/kursus#file:///ROOT#g' session.jsonl
local log = assert(io.open(os.getenv("OUT"), "w"))
local raw = os.tmpname()
local server = { "sh", "-c", "tee " .. raw .. " | " .. os.getenv("SERVER") }
vim.cmd("edit workflows/kursus.yaml")
vim.bo.filetype = "yaml"
local client = vim.lsp.start_client({ name = "tovholder", cmd = server, root_dir = vim.fn.getcwd() })
vim.lsp.buf_attach_client(0, client)
vim.wait(5000, function() return vim.lsp.buf_get_clients(0)[client] ~= nil end)
vim.wait(400)

-- Where some words begin.
local function go(words)
  vim.fn.cursor(1, 1)
  vim.fn.search("\\V" .. words, "c")
  local at = vim.fn.getcurpos()
  return at[2], at[3]
end

local function ask(method, words, more)
  local line, column = go(words)
  vim.fn.cursor(line, column)
  local params = vim.lsp.util.make_position_params(0, "utf-16")
  vim.lsp.buf_request_sync(0, method, vim.tbl_extend("force", params, more or {}), 3000)
end

-- Writes something in place of some words, asks for proposals behind it, and takes it back.
local function write(words, by)
  local line, column = go(words)
  local from = column - 1
  vim.api.nvim_buf_set_text(0, line - 1, from, line - 1, from + #words, { by })
  vim.wait(300)
  local text = vim.api.nvim_buf_get_lines(0, line - 1, line, false)[1]
  local _, character = vim.str_utfindex(text, from + #by)
  vim.lsp.buf_request_sync(0, "textDocument/completion", {
    textDocument = vim.lsp.util.make_text_document_params(0),
    position = { line = line - 1, character = character },
  }, 3000)
  vim.api.nvim_buf_set_text(0, line - 1, from, line - 1, from + #by, { words })
  vim.wait(300)
end

write("Mødt 😀, ", "Mødt 😀, la")
write("tilbage\", then: stopped", "tilbage\", then: st")
write("absence-notice, to: consultant, when: absence, gather: 1 hour}", "abs")
write("before cohort.start}", "before c")
ask("textDocument/hover", "5 workdays before cohort.start")
ask("textDocument/hover", "holds_place")
ask("textDocument/definition", "kursus.last_day")
ask("textDocument/definition", "absence-notice")
ask("textDocument/prepareRename", "kursus.last_day")
ask("textDocument/rename", "kursus.last_day", { newName = "forloeb" })
ask("textDocument/rename", "kursus.last_day", { newName = "mødt" })
vim.lsp.stop_client(client)
vim.wait(1000)

-- The frames without their heads, one a line.
local session = assert(io.open(raw, "rb")):read("*a")
local at = 1
while true do
  local _, head, length = session:find("Content%-Length: (%d+)\r\n\r\n", at)
  if not head then break end
  log:write(session:sub(head + 1, head + tonumber(length)), "\n")
  at = head + tonumber(length) + 1
end
log:close()
os.remove(raw)
vim.cmd("qa!")
