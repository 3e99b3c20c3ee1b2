"""Handshake: grievance intake and brand alerts for labour helplines."""
