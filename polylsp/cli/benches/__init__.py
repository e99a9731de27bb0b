"""What `polylsp bench` can measure, one module a kind."""
