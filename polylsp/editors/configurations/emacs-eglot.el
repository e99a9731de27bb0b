(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               '((c-mode c++-mode c-ts-mode c++-ts-mode csharp-mode go-ts-mode java-mode js-base-mode php-ts-mode
                  python-base-mode ruby-base-mode rust-ts-mode typescript-ts-base-mode)
                 . ("{polylsp}" "lsp"))))
(setq completion-preview-minimum-symbol-length 1)
(dolist (hook '(c-mode-common-hook c-ts-base-mode-hook go-ts-mode-hook js-base-mode-hook php-ts-mode-hook
                python-base-mode-hook ruby-base-mode-hook rust-ts-mode-hook typescript-ts-base-mode-hook))
  (add-hook hook #'eglot-ensure)
  (add-hook hook #'completion-preview-mode))
