"""Tests of the local AuthKit."""
