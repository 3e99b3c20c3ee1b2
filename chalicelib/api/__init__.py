"""Wire ↔ values: one blueprint for each audience."""
