"""What leads others to a run, and what a person takes away: links, QR codes and files."""
