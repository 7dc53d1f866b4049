"""The class's board: a teacher opens a class, students publish runs, and all see the same wall."""
