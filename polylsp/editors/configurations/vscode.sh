code --install-extension polylsp.vsix
