"""Message catalogues, one file a language. Keys are the same in all of them; a test says so."""
