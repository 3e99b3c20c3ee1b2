"""Long work, schedules, and what must agree in the store."""
