"""What brands are told, and how that is measured."""
