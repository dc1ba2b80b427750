"""How many instructions a request takes: the same number on a busy machine as on an idle one.

`python -m benchmarks instructions` counts all cases and writes `figures.json`, and a table of it
into docs/performance.md. `tests/test_speed.py` compares a part of them with the file.
"""
