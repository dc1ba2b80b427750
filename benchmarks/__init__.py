"""What the gate costs, as ratios against something else in the same run. `make bench` runs it."""
