"""Pure rules. No I/O, no clock, no boto3, no chalice: time, ids and randomness are arguments."""
