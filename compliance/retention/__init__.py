"""Retention: how long each study is kept, why, and how it is destroyed when its time has come."""
