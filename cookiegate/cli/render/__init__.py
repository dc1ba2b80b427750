"""Print results for people, or return them for machines."""
