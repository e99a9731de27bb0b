"""Door: a person at a shell. One file for each command."""
