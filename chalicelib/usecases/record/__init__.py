"""The record that others can check: sealed, proved, exported."""
