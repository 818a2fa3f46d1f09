"""Reading: the grammar of lists, and the queries that answer them."""
