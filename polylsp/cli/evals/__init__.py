"""What `polylsp eval` can measure, one module a kind."""
