"""What a participant sees, page by page; where they stand is in the database."""
