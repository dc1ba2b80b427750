"""The forms in which `cookiegate check` writes what it found."""
