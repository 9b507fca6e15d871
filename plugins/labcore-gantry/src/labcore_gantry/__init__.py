"""A gantry that doses with a syringe and carries vessels, driven by a command profile."""
