"""What it costs: counted calls and units, at list prices."""
