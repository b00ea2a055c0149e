"""Views: pure functions from a snapshot to what people see."""
