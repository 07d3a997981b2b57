"""Servers and builds of single studies, each in a process that ends with the studio."""
