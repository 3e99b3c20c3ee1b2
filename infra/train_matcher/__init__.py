"""Fit the matcher's two models; see `__main__`. The product itself needs nothing of this."""
