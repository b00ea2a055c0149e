"""Asks a language model for a sentence on each paper. Imported only by a run that wants it."""
