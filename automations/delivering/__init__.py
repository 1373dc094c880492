"""Sending what is due: claim, render, send, settle. One dispatcher in each worker process, many requests at once."""
