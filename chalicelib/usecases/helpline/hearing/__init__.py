"""How a message is heard, step by step; `hear.py` is the way through it."""
