"""What `cookiegate init` writes: it detects the project and makes a first registry."""
