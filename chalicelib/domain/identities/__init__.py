"""Who a worker is, and how that is forgotten."""
