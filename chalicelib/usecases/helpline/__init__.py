"""Workers write and call, and are answered: every one of them alike."""
