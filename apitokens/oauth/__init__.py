"""OAuth 2.0 as this helpdesk speaks it: the toolkit, with its strict switches on and the gaps it leaves closed."""
