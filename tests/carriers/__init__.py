"""The providers' APIs, from records of what their documentation says they answer."""
