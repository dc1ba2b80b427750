"""The gate in real applications on real servers: requests per second, and instructions."""
