"""Ready registry files, their JSON Schema, and what packages were seen to set.

A wheel carries them as cookiegate._registry_data.
"""
