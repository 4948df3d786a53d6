"""What the pages of retention show, as plain values."""
