"""Songs made from nothing: a seeded score, a synthesised singer, a sampled band."""
