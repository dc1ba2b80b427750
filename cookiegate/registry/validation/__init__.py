"""Checks a parsed registry file and builds the registry from it; finds every problem at once."""
