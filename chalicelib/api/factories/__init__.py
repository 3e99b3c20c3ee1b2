"""The registry over the wire."""
