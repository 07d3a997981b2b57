"""What an example of a package brings to mixtrial."""
