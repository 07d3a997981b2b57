"""Servers and builds of single studies, each a process that ends with the studio."""
