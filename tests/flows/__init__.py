"""Nothing essential breaks: real packages work the same with and without the gate."""
