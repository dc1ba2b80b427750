"""One module for each migration. A released migration never changes."""
