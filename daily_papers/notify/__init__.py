"""How readers hear of what is new."""
