"""What brands reach."""
