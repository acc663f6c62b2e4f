"""What people ask about their data, in the console: the list, a new request, one request with its package."""
