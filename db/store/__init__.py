"""The store: methods of the database, named after their purpose."""
