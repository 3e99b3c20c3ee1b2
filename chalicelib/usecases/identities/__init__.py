"""Who a worker is: kept apart, shown on record, erased in time."""
