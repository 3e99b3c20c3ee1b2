"""How quick the record is checked, and how large a proof is."""
