"""What the server says of itself: pages for people, health, the documentation, and the plumbing of every request."""
