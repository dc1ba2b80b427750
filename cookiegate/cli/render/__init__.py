"""How commands print what they found, for people and for machines."""
