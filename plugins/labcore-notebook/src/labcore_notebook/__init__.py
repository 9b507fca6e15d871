"""A laboratory notebook page written from a run's journal: facts only, every statement cites its events."""
