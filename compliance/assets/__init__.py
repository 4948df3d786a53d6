"""The inventory: what the practice works with."""
