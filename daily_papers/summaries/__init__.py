"""Asks a language model for a sentence about each paper. Imported only by runs that need it."""
