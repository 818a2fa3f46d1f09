"""What the suite needs around the application: a database server, a browser."""
