"""The sections of the program that trains a configuration without this package, each in a module of its own."""
