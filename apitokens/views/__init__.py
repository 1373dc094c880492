"""The pages and endpoints of OAuth 2.0, and the applications that an agent allowed."""
