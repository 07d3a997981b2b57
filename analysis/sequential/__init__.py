"""Tests of ratings that are looked at while they come in: declared looks, and at any time."""
