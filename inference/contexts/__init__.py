"""What the pages of inference show."""
