"""What the suite needs around the application: databases, servers, a browser, and valid records to send."""
