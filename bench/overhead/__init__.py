"""What a warm request costs without the store, beside what it costs others."""
