"""The durable queue: workers claim generations by leases, and are told of new ones after the commit."""
