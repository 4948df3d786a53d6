"""What changed, in an order that programs of the practice can follow: by asking, or by being told."""
