"""One file a middleware, named after it. None of them knows a resource."""
