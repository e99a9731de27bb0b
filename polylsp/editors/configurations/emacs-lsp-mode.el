(require 'lsp-mode)
(require 'lsp-inline-completion)
(lsp-register-client
 (make-lsp-client
  :new-connection (lsp-stdio-connection '("{polylsp}" "lsp"))
  :activation-fn (lsp-activate-on "c" "cpp" "csharp" "go" "java" "javascript" "javascriptreact" "php"
                                  "python" "ruby" "rust" "scala" "typescript" "typescriptreact")
  :initialization-options '(:lsp (:completion "off")) ; As ghost text alone, not in lists, too.
  :add-on? t ; Works beside the language's own server.
  :server-id 'polylsp))
(setq lsp-idle-delay 0.1
      lsp-inline-completion-idle-delay 0.1)
(keymap-set lsp-inline-completion-active-map "TAB" #'lsp-inline-completion-accept)
(dolist (hook '(c-mode-common-hook c-ts-base-mode-hook go-ts-mode-hook js-base-mode-hook php-ts-mode-hook
                python-base-mode-hook ruby-base-mode-hook rust-ts-mode-hook typescript-ts-base-mode-hook))
  (add-hook hook #'lsp-deferred))
