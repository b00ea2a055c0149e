"""What arXiv is asked, and whether its answers may be believed."""
