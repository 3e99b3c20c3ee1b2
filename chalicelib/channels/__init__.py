"""Files and messages from elsewhere become the values that the use cases take."""
