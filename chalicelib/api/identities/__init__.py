"""Who a worker is, over routes of their own."""
