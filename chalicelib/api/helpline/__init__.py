"""What providers send from workers, and what a helpline sets up for it."""
