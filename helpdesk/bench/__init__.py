"""What requests cost, as ratios to a view that does nothing: `make bench`."""
