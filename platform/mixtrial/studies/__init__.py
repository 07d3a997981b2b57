"""A folder of studies: their list, their states, and actions on whole studies."""
