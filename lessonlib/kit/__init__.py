"""What everything on screen shares."""
