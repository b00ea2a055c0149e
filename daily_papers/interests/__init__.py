"""What the reader likes, and how well a new paper fits it."""
