"""Tests, effect sizes and corrections as plain functions of arrays and tables."""
