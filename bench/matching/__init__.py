"""How good the factory matcher is: `python -m bench.matching` (see docs/matching.md)."""
