"""The parts of `cookiegate init`: detect the project, write the registry, install the gate."""
