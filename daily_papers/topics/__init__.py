"""What users ask for: topics, the query language, and a search like arXiv's own."""
