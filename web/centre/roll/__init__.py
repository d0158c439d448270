"""What the roster is made of: its arrays, how they are read from the database, counted, narrowed and sorted."""
