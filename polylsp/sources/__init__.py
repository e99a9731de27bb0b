"""Source code by name: packages from the machine's own package managers, checkouts, folders."""
