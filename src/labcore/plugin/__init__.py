"""The plugin contract: what strangers import to add drivers, verbs, observers and simulators."""
