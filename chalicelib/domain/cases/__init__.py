"""A case: what was filed, what has become of it, what may leave."""
