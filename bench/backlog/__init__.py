"""How a backlog of due cases is worked off: calls, memory and time as it grows."""
