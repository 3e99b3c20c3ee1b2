"""Plans to put a wrong right, and what they do to its case."""
