"""What an operator reaches."""
