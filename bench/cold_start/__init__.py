"""From a fresh interpreter to the first answer."""
