"""What maintainers run: from the Makefile, and from the workflows."""
