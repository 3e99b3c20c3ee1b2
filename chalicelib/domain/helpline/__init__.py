"""Conversations with workers, and what every officer answers."""
