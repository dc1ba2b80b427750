"""Nothing essential breaks: flows of real packages, with the gate and without, same outcome."""
