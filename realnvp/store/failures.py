"""What can go wrong with a database, and what is said of it."""

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, TimeoutError

DATABASE_VARIABLE = "REALNVP_DATABASE"  # environment variable: the URL of a database to use in place of the file


class UnreachableError(RuntimeError):
    """The database has not been opened."""


class NewerSchemaError(UnreachableError):
    """The database was made by a newer version of the app."""


# What may pass by itself, or once a person has done something about it.
FAILURES = (DBAPIError, TimeoutError, ArgumentError, NoSuchModuleError, OSError, ImportError, UnreachableError)


def explain(error: BaseException) -> str:
    """A sentence for people on why runs are not kept, and what helps. Names no path and no password."""
    said = f"{error.orig if isinstance(error, DBAPIError) else error}".lower()
    if isinstance(error, ArgumentError | NoSuchModuleError):
        return f"{DATABASE_VARIABLE} names no database: write postgresql://USER:PASSWORD@HOST/NAME, or leave it out."
    if isinstance(error, ImportError):
        return "PostgreSQL needs one more package: pip install 'psycopg[binary]'."
    if isinstance(error, NewerSchemaError):
        return "The runs kept here were made by a newer version of this app: start that version."
    if "full" in said or "disk i/o" in said or "no space" in said or "file too large" in said:
        return "The disk takes no more, so runs are not kept: free some space on the server."
    if "readonly" in said or "read-only" in said or "unable to open" in said or isinstance(error, OSError):
        return "Runs are not kept: make the folder that REALNVP_HOME names writable."
    if "locked" in said or "lock timeout" in said:
        return "Runs are not kept while another program holds their database: close that program."
    if "malformed" in said or "not a database" in said:
        return "The file that keeps the runs is damaged: move runs.db away, and a new one is made."
    return "The database that keeps the runs cannot be reached: start it again. Until then runs are not kept."
