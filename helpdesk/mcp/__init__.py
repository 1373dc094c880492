"""The Model Context Protocol at /mcp: what an assistant may do here, as tools over the operations of the API."""
