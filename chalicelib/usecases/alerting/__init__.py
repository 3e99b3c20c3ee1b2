"""Brands are told, and answer."""
