"""Who did what, through which door, with which key, because of what."""
