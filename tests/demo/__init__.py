"""The demonstration, on a screen that nobody looks at and with a real server behind it."""
