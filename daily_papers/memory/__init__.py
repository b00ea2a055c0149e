"""What is known from run to run: the snapshot, what is new in it, and the data file."""
