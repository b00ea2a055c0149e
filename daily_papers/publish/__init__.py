"""From a snapshot to changed files: the plan, and the places that take it."""
