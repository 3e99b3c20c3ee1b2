"""Which factory is meant. Knows `domain` only."""
