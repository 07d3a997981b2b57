"""Generated songs: a seeded score, a synthesised singer, a sampled band."""
