"""What one file tells by itself: its language, its text, whether people wrote it, whom it gives away."""
