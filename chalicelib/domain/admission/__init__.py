"""Who is let in, to what, until when."""
