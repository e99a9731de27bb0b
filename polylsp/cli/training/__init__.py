"""What `polylsp train` can do, one file each."""
