"""Brands, factories, who sources where; which one is meant."""
