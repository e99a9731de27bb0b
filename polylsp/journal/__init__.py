"""What became of what was shown: counted by day, kept on this machine alone, for its user to see."""
