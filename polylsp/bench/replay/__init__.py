"""Type real files into whoever suggests, accept what is right, and count what that was worth."""
