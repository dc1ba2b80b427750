"""Ready registry files and their JSON Schema; a wheel carries them as cookiegate._registry_data."""
