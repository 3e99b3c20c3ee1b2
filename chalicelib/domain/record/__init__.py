"""The record that others can check: chains, trees, signed heads."""
