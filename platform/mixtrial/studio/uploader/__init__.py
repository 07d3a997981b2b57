"""The component that sends files from the researcher's browser."""
