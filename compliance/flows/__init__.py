"""Parties, flows and the map that is drawn from them."""
