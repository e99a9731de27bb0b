let g:ale_completion_enabled = 1
set completeopt=menu,menuone,noinsert
function! PolylspRoot(buffer) abort
  let l:git = finddir('.git', fnamemodify(bufname(a:buffer), ':p:h') . ';')
  return fnamemodify(empty(l:git) ? bufname(a:buffer) : l:git, ':p:h')
endfunction
" ALE runs the linters that are named here and no others: set g:ale_linters to yours before.
let g:ale_linters = get(g:, 'ale_linters', {})
for s:language in ['c', 'cpp', 'cs', 'go', 'java', 'javascript', 'javascriptreact', 'php', 'python', 'ruby',
    \ 'rust', 'scala', 'typescript', 'typescriptreact']
  let g:ale_linters[s:language] = get(g:ale_linters, s:language, []) + ['polylsp']
  call ale#linter#Define(s:language, {'name': 'polylsp', 'lsp': 'stdio', 'executable': '{polylsp}',
    \ 'command': '%e lsp', 'project_root': function('PolylspRoot')})
endfor
