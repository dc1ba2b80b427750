"""The test suites of other projects, with the gate around every application in them.

`python -m tests.suites` runs them (`make test-peers`). `suites.toml` lists them. Each suite runs
without the gate, in report mode and in a mode that allows all cookies, and must behave the same.
"""
