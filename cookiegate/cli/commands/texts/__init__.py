"""The commands below `cookiegate texts`."""
