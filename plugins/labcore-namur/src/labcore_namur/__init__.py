"""IKA stirrer-hotplates over NAMUR commands."""
