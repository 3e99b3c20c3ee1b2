"""What partners and brands reach of a case."""
