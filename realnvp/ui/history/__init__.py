"""The page of one's runs: a table, two to four beside each other, and sweeps over a setting."""
