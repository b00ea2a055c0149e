"""What users ask for: topics, the query language, and a search that works like arXiv's."""
