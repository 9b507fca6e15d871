"""Byte streams and framing for drivers.

Codecs without I/O, and links for serial ports, TCP and simulated devices.
"""
