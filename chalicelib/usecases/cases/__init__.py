"""What a partner does with a case: from the filing to its end."""
