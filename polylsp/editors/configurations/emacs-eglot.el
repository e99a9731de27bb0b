(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               '((c-mode c++-mode c-ts-mode c++-ts-mode csharp-mode go-ts-mode java-mode php-ts-mode rust-ts-mode
                  (js-base-mode :language-id "javascript")
                  (python-base-mode :language-id "python")
                  (ruby-base-mode :language-id "ruby")
                  (typescript-ts-base-mode :language-id "typescript"))
                 . ("{polylsp}" "lsp"))))
(setq completion-preview-minimum-symbol-length 1)
(dolist (hook '(c-mode-common-hook c-ts-base-mode-hook go-ts-mode-hook js-base-mode-hook php-ts-mode-hook
                python-base-mode-hook ruby-base-mode-hook rust-ts-mode-hook typescript-ts-base-mode-hook))
  (add-hook hook #'eglot-ensure)
  (add-hook hook #'completion-preview-mode))
