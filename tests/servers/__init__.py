"""Real servers for tests, from packages: on loopback, without root, without containers, gone when the test run ends."""
