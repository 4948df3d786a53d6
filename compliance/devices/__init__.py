"""Devices that left their traces in the portal."""
