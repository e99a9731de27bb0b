"""How editors are set up to use polylsp: what docs/editors.md shows, and `polylsp doctor` for those it finds."""
