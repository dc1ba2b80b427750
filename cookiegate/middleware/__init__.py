"""What all middleware share: options, host mapping, recording of choices."""
