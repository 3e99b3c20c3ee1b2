"""Which factory is meant, and who sources there: the registry, the match, what reviewers say."""
