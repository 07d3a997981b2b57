"""Songs out of nothing: a seeded score, a synthesised singer, a sampled band."""
