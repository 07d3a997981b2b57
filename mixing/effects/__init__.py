"""The four processors of the chain: equaliser, compressor, reverb, level balance."""
