"""Pages of inference."""
