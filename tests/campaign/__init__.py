"""Deterministic simulation testing: one seed decides everything, invariants are checked after every event.

`make campaign SEEDS=1000`, `make campaign SEED=1234`. See CONTRIBUTING.md.
"""
