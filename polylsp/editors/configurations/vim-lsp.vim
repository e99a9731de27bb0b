autocmd User lsp_setup call lsp#register_server({
  \ 'name': 'polylsp',
  \ 'cmd': {server_info -> ['{polylsp}', 'lsp']},
  \ 'allowlist': ['c', 'cpp', 'cs', 'go', 'java', 'javascript', 'javascriptreact', 'php', 'python', 'ruby',
  \   'rust', 'scala', 'typescript', 'typescriptreact'],
  \ })
autocmd User lsp_buffer_enabled setlocal omnifunc=lsp#complete
