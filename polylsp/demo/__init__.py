"""What a newcomer sees first: an editor in the terminal, with the real server behind it."""
