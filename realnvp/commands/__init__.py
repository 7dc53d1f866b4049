"""What ``python -m realnvp`` can do, a module for each command."""
