"""What happens without being asked for: schedules, queues, clocks; and how an operator sees it."""
