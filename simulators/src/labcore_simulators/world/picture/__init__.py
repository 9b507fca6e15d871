"""What a camera sees of one place of the bench."""
