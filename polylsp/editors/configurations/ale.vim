let g:ale_completion_enabled = 1
set completeopt=menu,menuone,noinsert
function! PolylspRoot(buffer) abort
  let l:git = finddir('.git', fnamemodify(bufname(a:buffer), ':p:h') . ';')
  return fnamemodify(empty(l:git) ? bufname(a:buffer) : l:git, ':p:h')
endfunction
for s:language in ['c', 'cpp', 'cs', 'go', 'java', 'javascript', 'javascriptreact', 'php', 'python', 'ruby',
    \ 'rust', 'scala', 'typescript', 'typescriptreact']
  call ale#linter#Define(s:language, {'name': 'polylsp', 'lsp': 'stdio', 'executable': '{polylsp}',
    \ 'command': '%e lsp', 'project_root': function('PolylspRoot')})
endfor
